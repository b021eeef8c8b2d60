using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>
/// The optimizers of TorchSharp, said through its public API alone: the same holds for the package. Compared with PyTorch where it is
/// installed (Debian: <c>apt-get install python3-torch</c>), and with closed forms everywhere.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>what TorchSharp 0.102.7 does otherwise</term><description>PyTorch; TorchSharp</description></listheader>
/// <item><term>SGD: maximize with a weight decay</term>
/// <description>the decay still shrinks weights; it makes them grow, because the whole step is turned round</description></item>
/// <item><term>Adagrad: maximize</term><description>an option; there is none</description></item>
/// <item><term>Adagrad: the initial accumulator of a group</term><description>the optimizer's counts; the group's counts</description></item>
/// <item><term>AdamW: the weight decay unless given</term><description>0.01; 0</description></item>
/// <item><term>RMSProp: the rate unless given</term>
/// <description>0.01; 0.01 from the factory, 0.001 from the constructors and in a group</description></item>
/// <item><term>RMSProp: momentum or centred begins on the way</term><description>an error; it begins from zero</description></item>
/// <item><term>what a group made with some options does not give</term>
/// <description>is the optimizer's; is the default of the group's constructor, but the optimizer's in a group made with Options</description></item>
/// </list>
/// </remarks>
[TestClass, DoNotParallelize]
public sealed class TorchOptimizerTests
{
    private static readonly (string Optimizer, string Options, string Second, string Changes)[] Cases =
    [
        ("SGD", "lr=0.1", "", ""),
        ("SGD", "lr=0.1 weight_decay=0.05", "", ""),
        ("SGD", "lr=0.1 momentum=0.9", "", ""),
        ("SGD", "lr=0.1 momentum=0.9 dampening=0.5", "", ""),
        ("SGD", "lr=0.1 momentum=0.9 nesterov=1", "", ""),
        ("SGD", "lr=0.1 momentum=0.8 nesterov=1 weight_decay=0.05", "", ""),
        ("SGD", "lr=0.1 momentum=0.9 maximize=1", "", ""),
        ("SGD", "lr=0.1 momentum=0.9", "lr=0.3 momentum=0.5 weight_decay=0.1", ""),
        ("SGD", "lr=0.1 momentum=0.9", "", "lr=0.02 momentum=0.6"),
        ("SGD", "lr=0.1", "", "momentum=0.9"),
        ("Adam", "lr=0.01", "", ""),
        ("Adam", "lr=0.01 weight_decay=0.05", "", ""),
        ("Adam", "lr=0.01 amsgrad=1", "", ""),
        ("Adam", "lr=0.01 amsgrad=1 weight_decay=0.05 beta1=0.8 beta2=0.9 eps=0.001", "", ""),
        ("Adam", "lr=0.01 maximize=1 weight_decay=0.05", "", ""),
        ("Adam", "lr=0.01", "lr=0.1 beta1=0.5 amsgrad=1", ""),
        ("Adam", "lr=0.01", "", "lr=0.1 beta1=0.7"),
        ("AdamW", "lr=0.01", "", ""),
        ("AdamW", "lr=0.01 weight_decay=0.5", "", ""),
        ("AdamW", "lr=0.01 amsgrad=1 weight_decay=0.5", "", ""),
        ("AdamW", "lr=0.01 maximize=1 weight_decay=0.5 beta1=0.8 beta2=0.9 eps=0.001", "", ""),
        ("AdamW", "lr=0.01 weight_decay=0.5", "lr=0.1 beta2=0.5", ""),
        ("AdamW", "lr=0.01 weight_decay=0.5", "", "lr=0.1 beta1=0.7"),
        ("RMSProp", "lr=0.01", "", ""),
        ("RMSProp", "lr=0.01 alpha=0.9 eps=0.001 weight_decay=0.05", "", ""),
        ("RMSProp", "lr=0.01 momentum=0.9", "", ""),
        ("RMSProp", "lr=0.01 centered=1", "", ""),
        ("RMSProp", "lr=0.01 centered=1 momentum=0.9 weight_decay=0.05", "", ""),
        ("RMSProp", "lr=0.01 maximize=1 momentum=0.5 weight_decay=0.05", "", ""),
        ("RMSProp", "lr=0.01", "lr=0.1 centered=1 momentum=0.5", ""),
        ("RMSProp", "lr=0.01 momentum=0.9", "", "lr=0.1 momentum=0.5"),
        ("Adagrad", "lr=0.1", "", ""),
        ("Adagrad", "lr=0.1 lr_decay=0.02", "", ""),
        ("Adagrad", "lr=0.1 weight_decay=0.05 eps=0.001", "", ""),
        ("Adagrad", "lr=0.1 initial_accumulator_value=0.3", "", ""),
        ("Adagrad", "lr=0.1 lr_decay=0.02 weight_decay=0.05 initial_accumulator_value=0.3", "lr=1 lr_decay=0", ""),
        ("Adagrad", "lr=0.1", "", "lr=0.5"),
    ];

    private static readonly OptimizerCase[] AllCases =
    [
        .. new[] { float64, float32 }.SelectMany(type =>
            Cases.Select(known => new OptimizerCase(known.Optimizer, known.Options, known.Second, known.Changes, type))),
    ];

    private static readonly Lazy<(string[]? Lines, string Version)> PyTorch = new(() =>
        Python.Run("torch_optimizers.py", AllCases.Select(known => known.ToJson())));

    private DisposeScope _scope = null!;

    [TestInitialize]
    public void OpenScope() => _scope = NewDisposeScope();

    [TestCleanup]
    public void CloseScope() => _scope.Dispose();

    [TestMethod]
    [DataRow("SGD", 20)]
    [DataRow("Adam", 14)]
    [DataRow("AdamW", 12)]
    [DataRow("RMSProp", 16)]
    [DataRow("Adagrad", 12)]
    public void Two_hundred_steps_are_those_of_PyTorch(string optimizer, int count)
    {
        if (PyTorch.Value.Lines is null) Assert.Inconclusive($"Nothing to compare with: {PyTorch.Value.Version}.");
        var compared = 0;
        foreach (var (known, line) in AllCases.Zip(PyTorch.Value.Lines!))
        {
            if (known.Optimizer != optimizer) continue;
            var theirs = JsonSerializer.Deserialize<double[][]>(line)!;
            var ours = known.Run();
            Assert.HasCount(200, theirs);
            for (var step = 0; step < theirs.Length; step++)
            {
                var tolerance = 1e-6 * theirs[step].Max(Math.Abs);
                for (var i = 0; i < theirs[step].Length; i++)
                    Assert.AreEqual(theirs[step][i], ours[step][i], tolerance, $"{known}, step {step}, element {i}");
            }

            compared++;
        }

        Assert.AreEqual(count, compared);
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    public void Adam_moves_by_its_rate_while_the_gradient_stays_the_same(bool amsgrad, bool maximize)
    {
        var p = Parameter(1, -2);
        using var optimizer = optim.Adam([p], lr: 0.01, eps: 0, amsgrad: amsgrad, maximize: maximize);

        Step(optimizer, p, 10, 3, -0.01);

        AreClose(maximize ? [1.1, -2.1] : [0.9, -1.9], p);
    }

    [TestMethod]
    public void Weights_decay_by_themselves_in_AdamW_and_through_the_gradient_in_Adam()
    {
        var (p, q) = (Parameter(1, -2), Parameter(1, -2));
        using var decoupled = optim.AdamW([p], lr: 0.01, eps: 0, weight_decay: 0.5);
        using var coupled = optim.Adam([q], lr: 0.01, eps: 0, weight_decay: 0.5);

        Step(decoupled, p, 10, 3, -0.01);
        Step(coupled, q, 1, 3, -0.01);

        var kept = Math.Pow(1 - 0.01 * 0.5, 10);
        AreClose([kept - (1 - kept) / 0.5, -2 * kept + (1 - kept) / 0.5], p);
        // The decay, 0.5 · −2, outweighs the gradient.
        AreClose([0.99, -1.99], q);
    }

    [TestMethod]
    [DataRow(false, 0.0)]
    [DataRow(true, 0.0)]
    [DataRow(false, 0.9)]
    [DataRow(true, 0.9)]
    public void RMSProp_divides_by_what_has_gathered_of_a_constant_gradient(bool centered, double momentum)
    {
        var p = Parameter(1, -2);
        using var optimizer = optim.RMSProp([p], lr: 0.01, alpha: 0.8, eps: 0, momentum: momentum, centered: centered);

        Step(optimizer, p, 10, 3, -0.01);

        var (moved, velocity) = (0.0, 0.0);
        for (var step = 1; step <= 10; step++)
        {
            var forgotten = Math.Pow(0.8, step);
            velocity = momentum * velocity + 1 / Math.Sqrt((1 - forgotten) * (centered ? forgotten : 1));
            moved += 0.01 * velocity;
        }

        AreClose([1 - moved, -2 + moved], p);
    }

    [TestMethod]
    public void RMSProp_takes_up_a_momentum_from_zero()
    {
        var p = Parameter(1);
        using var optimizer = optim.RMSProp([p], lr: 0.01, alpha: 0, eps: 0);

        Step(optimizer, p, 2, 3);
        ((optim.IMomentum)optimizer.ParamGroups.Single()).Momentum = 0.5;
        Step(optimizer, p, 2, 3);

        AreClose([1 - 0.01 * (1 + 1 + 1 + 1.5)], p);
    }

    [TestMethod]
    public void Adagrad_divides_by_the_root_of_all_it_has_seen()
    {
        var p = Parameter(1, -2);
        using var optimizer = optim.Adagrad([p], lr: 0.1, lr_decay: 0.5, initial_accumulator_value: 4, eps: 0);

        Step(optimizer, p, 5, 2, -1);

        double Moved(double gradient) =>
            Enumerable.Range(0, 5).Sum(step => 0.1 / (1 + 0.5 * step) * gradient / Math.Sqrt(4 + (step + 1) * gradient * gradient));
        AreClose([1 - Moved(2), -2 - Moved(-1)], p);
    }

    [TestMethod]
    public void SGD_that_maximizes_turns_the_weight_decay_round_too()
    {
        var p = Parameter(1, -2);
        using var optimizer = optim.SGD([p], 0.1, weight_decay: 0.5, maximize: true);

        Step(optimizer, p, 1, 3, -1);

        AreClose([1 + 0.1 * (3 + 0.5), -2 + 0.1 * (-1 - 1)], p);
    }

    [TestMethod]
    public void Betas_of_a_group_count_from_the_next_step_on()
    {
        var (p, q) = (Parameter(0), Parameter(0));
        using var optimizer = optim.Adam([new Adam.ParamGroup([p], lr: 0.1, eps: 0), new Adam.ParamGroup([q], lr: 0.1, eps: 0)]);
        var groups = optimizer.ParamGroups.Cast<optim.IBetas>().ToArray();

        Step(optimizer, [(p, 1), (q, 1)]);
        groups[0].Betas = (0, 0.999);
        Step(optimizer, [(p, -1), (q, -1)]);

        // Without a memory of the first gradient, the second step takes the first one back.
        AreClose([0], p);
        AreClose([-0.1 + 0.1 * (0.1 - 0.09) / (1 - 0.81)], q);
        Assert.AreEqual((0.9, 0.999), groups[1].Betas);
    }

    [TestMethod]
    public void Parameters_without_a_gradient_wait()
    {
        var (p, q) = (Parameter(0), Parameter(5));
        using var optimizer = optim.Adam([p, q], lr: 0.1, eps: 0);

        Step(optimizer, p, 3, 1);
        AreClose([5], q);
        p.grad = null;
        Step(optimizer, q, 1, 1);

        AreClose([-0.3], p);
        // Its first step, whatever the others have made.
        AreClose([4.9], q);
    }

    [TestMethod]
    public void A_closure_is_traced_and_its_loss_returned()
    {
        var p = Parameter(3);
        using var optimizer = optim.Adagrad([p], lr: 0.1);
        using var none = no_grad();

        var loss = optimizer.step(() =>
        {
            var value = p.square().sum();
            value.backward();
            return value;
        });

        Assert.AreEqual(9, loss.item<double>());
        AreClose([2.9], p, 1e-9);
    }

    [TestMethod]
    public void A_graph_notices_that_a_step_has_changed_its_weights()
    {
        var p = Parameter(3);
        p.grad = torch.ones(1, float64);
        using var optimizer = optim.Adam([p]);
        var loss = p.square().sum();

        optimizer.step();

        Assert.IsTrue(p.requires_grad && p.is_leaf);
        Assert.IsFalse(p.grad!.requires_grad);
        var e = Assert.Throws<ExternalException>(() => loss.backward());
        StringAssert.Contains(e.Message, "modified by an inplace operation");
    }

    [TestMethod]
    public void Factories_pass_each_argument_to_its_option()
    {
        (string, Parameter)[] named = [("p", Parameter(0))];
        using var adam = optim.Adam(named, 0.1, 0.2, 0.3, 0.4, 0.5, true, true);
        using var adamW = optim.AdamW(named, 0.1, 0.2, 0.3, 0.4, 0.5, true, true);
        using var rmsProp = optim.RMSProp(named, 0.1, 0.2, 0.3, 0.4, 0.5, true, true);
        using var adagrad = optim.Adagrad(named, 0.1, 0.2, 0.3, 0.4, 0.5);

        var a = Options<Adam.Options>(adam);
        Assert.AreEqual((0.1, 0.2, 0.3, 0.4, 0.5, true, true), (a.LearningRate, a.beta1, a.beta2, a.eps, a.weight_decay, a.amsgrad, a.maximize));
        var w = Options<AdamW.Options>(adamW);
        Assert.AreEqual((0.1, 0.2, 0.3, 0.4, 0.5, true, true), (w.LearningRate, w.beta1, w.beta2, w.eps, w.weight_decay, w.amsgrad, w.maximize));
        var r = Options<RMSProp.Options>(rmsProp);
        Assert.AreEqual(
            (0.1, 0.2, 0.3, 0.4, 0.5, true, true), (r.LearningRate, r.alpha, r.eps, r.weight_decay, r.momentum, r.centered, r.maximize));
        var g = Options<Adagrad.Options>(adagrad);
        Assert.AreEqual((0.1, 0.2, 0.3, 0.4, 0.5), (g.LearningRate, g.lr_decay, g.weight_decay, g.initial_accumulator_value, g.eps));
        Assert.AreEqual(0.1, g.InitialLearningRate);
        Assert.AreEqual((0.2, 0.3), adam.Betas);
        Assert.AreEqual(0.5, rmsProp.Momentum);
    }

    [TestMethod]
    public void Defaults_are_those_of_TorchSharp()
    {
        var p = Parameter(0);
        using var adam = optim.Adam([p]);
        using var adamW = optim.AdamW([p]);
        using var rmsProp = optim.RMSProp([p]);
        using var constructed = new RMSProp([p]);
        using var adagrad = optim.Adagrad([p]);

        var a = Options<Adam.Options>(adam);
        Assert.AreEqual(
            (0.001, 0.9, 0.999, 1e-8, 0.0, false, false), (a.LearningRate, a.beta1, a.beta2, a.eps, a.weight_decay, a.amsgrad, a.maximize));
        Assert.AreEqual(0, Options<AdamW.Options>(adamW).weight_decay);
        var r = Options<RMSProp.Options>(rmsProp);
        Assert.AreEqual((0.01, 0.99, 1e-8, 0.0, 0.0, false), (r.LearningRate, r.alpha, r.eps, r.weight_decay, r.momentum, r.centered));
        Assert.AreEqual(0.001, Options<RMSProp.Options>(constructed).LearningRate);
        var g = Options<Adagrad.Options>(adagrad);
        Assert.AreEqual((0.01, 0.0, 0.0, 0.0, 1e-10), (g.LearningRate, g.lr_decay, g.weight_decay, g.initial_accumulator_value, g.eps));
    }

    [TestMethod]
    public void Groups_take_the_options_that_they_lack_from_the_optimizer()
    {
        using var optimizer = optim.RMSProp(
            [
                new RMSProp.ParamGroup([Parameter(0)], lr: 0.5),
                new RMSProp.ParamGroup([Parameter(0)], new RMSProp.Options { LearningRate = 0.5 }),
            ],
            momentum: 0.9, maximize: true);
        optimizer.Momentum = 0.8;
        optimizer.add_param_group(new RMSProp.ParamGroup { Parameters = [Parameter(0)] });

        var options = optimizer.ParamGroups.Cast<RMSProp.ParamGroup>().Select(group => group.Options).ToArray();
        // A group made with a rate has all options but maximize, which its constructor cannot take.
        CollectionAssert.AreEqual(new double?[] { 0, 0.9, 0.8 }, options.Select(given => given.momentum).ToArray());
        CollectionAssert.AreEqual(new double?[] { 0.5, 0.5, 0.01 }, options.Select(given => given.LearningRate).ToArray());
        Assert.IsTrue(options.All(given => given.maximize == true));
        Assert.AreEqual(3, optimizer.parameters().Count());
    }

    [TestMethod]
    public void What_is_out_of_range_is_refused()
    {
        var p = Parameter(0);

        Assert.Throws<ArgumentException>(() => optim.Adam([p], lr: -1));
        Assert.Throws<ArgumentException>(() => optim.Adam([p], beta1: 1));
        Assert.Throws<ArgumentException>(() => optim.Adam([p], beta2: -0.1));
        Assert.Throws<ArgumentException>(() => optim.AdamW([p], eps: -1));
        Assert.Throws<ArgumentException>(() => optim.AdamW([p], weight_decay: -1));
        Assert.Throws<ArgumentException>(() => optim.RMSProp([p], alpha: -1));
        Assert.Throws<ArgumentException>(() => optim.RMSProp([p], momentum: -1));
        Assert.Throws<ArgumentException>(() => optim.Adagrad([p], lr_decay: -1));
        Assert.Throws<ArgumentException>(() => optim.Adagrad([p], initial_accumulator_value: -1));
    }

    [TestMethod]
    public void Amsgrad_cannot_begin_on_the_way_and_no_step_follows_disposal()
    {
        var p = Parameter(0);
        var optimizer = optim.Adam([p]);
        Step(optimizer, p, 1, 1);

        Options<Adam.Options>(optimizer).amsgrad = true;
        Assert.Throws<Exception>(() => optimizer.step());
        Options<Adam.Options>(optimizer).amsgrad = false;
        optimizer.step();

        optimizer.Dispose();
        optimizer.Dispose();
        Assert.Throws<Exception>(() => optimizer.step());
    }

    [TestMethod]
    [DataRow("SGD", "lr=0.1 momentum=0.9 nesterov=1 weight_decay=0.01")]
    [DataRow("Adam", "lr=0.1 amsgrad=1 weight_decay=0.01")]
    [DataRow("AdamW", "lr=0.1 amsgrad=1 weight_decay=0.01")]
    [DataRow("RMSProp", "lr=0.1 momentum=0.9 centered=1 weight_decay=0.01")]
    [DataRow("Adagrad", "lr=0.1 weight_decay=0.01")]
    public void A_step_allocates_nothing(string name, string options)
    {
        if (typeof(torch).Assembly.GetName().Name != "TorchSharp.Subset") Assert.Inconclusive("The package allocates.");
        var parameters = new[] { Parameter(1, 2), Parameter(3) };
        foreach (var parameter in parameters) parameter.grad = torch.ones(parameter.shape, float64);
        using var optimizer = new OptimizerCase(name, options, "", "", float64).Create(parameters);
        optimizer.step();
        var (tensors, bytes) = (Tensor.TotalCount, GC.GetAllocatedBytesForCurrentThread());

        for (var step = 0; step < 100; step++) optimizer.step();

        Assert.AreEqual(bytes, GC.GetAllocatedBytesForCurrentThread());
        Assert.AreEqual(tensors, Tensor.TotalCount);
    }

    private static Parameter Parameter(params double[] values) => new(torch.tensor(values));

    private static TOptions Options<TOptions>(optim.Optimizer optimizer) where TOptions : OptimizerOptions =>
        ((ParamGroup<TOptions>)optimizer.ParamGroups.Single()).Options;

    private static void Step(optim.Optimizer optimizer, Parameter parameter, int count, params double[] gradient)
    {
        parameter.grad = torch.tensor(gradient);
        for (var step = 0; step < count; step++) optimizer.step();
    }

    private static void Step(optim.Optimizer optimizer, (Parameter Parameter, double Gradient)[] given)
    {
        foreach (var (parameter, gradient) in given) parameter.grad = torch.tensor(new[] { gradient });
        optimizer.step();
    }

    private static void AreClose(double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        var values = actual.data<double>().ToArray();
        Assert.HasCount(expected.Length, values);
        for (var i = 0; i < values.Length; i++) Assert.AreEqual(expected[i], values[i], tolerance, $"element {i}");
    }
}
