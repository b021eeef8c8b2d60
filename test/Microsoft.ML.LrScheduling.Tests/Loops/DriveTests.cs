using Microsoft.ML.LrScheduling.Loops;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Schedules;
using TorchSharp;
using TorchSharp.Modules;
using Theirs = global::TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Tests.Loops;

/// <summary>A driven optimizer has the rates and momenta that the scheduler has by itself, which other tests hold to PyTorch's.</summary>
[TestClass]
public sealed class DriveTests
{
    private const int Steps = 30;

    private static readonly (string Name, Func<Parameter[][], torch.optim.Optimizer> Create)[] Optimizers =
    [
        ("SGD", groups => torch.optim.SGD(
            groups.Select((group, i) => new Theirs.SGD.ParamGroup(group, Rate(i), 0.5)), learningRate: 1)),
        ("Adam", groups => torch.optim.Adam(groups.Select((group, i) => new Theirs.Adam.ParamGroup(group, Rate(i))))),
        ("AdamW", groups => torch.optim.AdamW(groups.Select((group, i) => new Theirs.AdamW.ParamGroup(group, Rate(i))))),
        ("NAdam", groups => torch.optim.NAdam(groups.Select((group, i) => new Theirs.NAdam.ParamGroup(group, Rate(i))))),
        ("RAdam", groups => torch.optim.RAdam(groups.Select((group, i) => new Theirs.RAdam.ParamGroup(group, Rate(i))))),
        ("Adamax", groups => torch.optim.Adamax(groups.Select((group, i) => new Theirs.Adamax.ParamGroup(group, Rate(i))))),
        ("RMSProp", groups => torch.optim.RMSProp(groups.Select((group, i) => new Theirs.RMSProp.ParamGroup(group, Rate(i))))),
        ("Adagrad", groups => torch.optim.Adagrad(groups.Select((group, i) => new Theirs.Adagrad.ParamGroup(group, Rate(i))))),
        ("Adadelta", groups => torch.optim.Adadelta(groups.Select((group, i) => new Theirs.Adadelta.ParamGroup(group, Rate(i))))),
        ("ASGD", groups => torch.optim.ASGD(groups.Select((group, i) => new Theirs.ASGD.ParamGroup(group, Rate(i))))),
        ("Optimizer.Sgd", groups => Own(Optimizer.Sgd(momentum: 0.5), groups)),
        ("Optimizer.Adam", groups => Own(Optimizer.Adam(), groups)),
        ("Optimizer.Adagrad", groups => Own(Optimizer.Adagrad(), groups)),
    ];

    public static IEnumerable<object[]> Names => Optimizers.Select(optimizer => new object[] { optimizer.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Each_group_has_the_rate_and_the_momentum_of_every_kind_of_schedule(string name)
    {
        var kinds = SampleSchedules.All;
        Assert.IsGreaterThan(15, kinds.Length);
        foreach (var kind in kinds)
        {
            var schedule = kind.ForRun(epochs: Steps, stepsPerEpoch: 1);
            using var optimizer = Create(name);
            torch.optim.ILearningRateController[] groups = [.. optimizer.ParamGroups];
            var hasMomentum = name is not ("Adagrad" or "Adadelta" or "ASGD" or "Optimizer.Adagrad");
            if (schedule.CyclesMomentum && !hasMomentum)
            {
                StringAssert.StartsWith(
                    Assert.ThrowsExactly<ArgumentException>(() => schedule.Drive(optimizer)).Message,
                    "optimizer must have a momentum, or a beta1, which ");
                continue;
            }

            var alone = schedule.Start([.. groups.Select(group => group.LearningRate)]);
            var driven = schedule.Drive(optimizer);
            for (var step = 0; step < Steps; step++)
            {
                CollectionAssert.AreEqual(alone.LearningRates.ToArray(), groups.Select(group => group.LearningRate).ToArray(), $"{kind}");
                if (schedule.CyclesMomentum)
                    CollectionAssert.AreEqual(alone.Momenta.ToArray(), groups.Select(Momentum).ToArray(), $"{kind}");
                // A loss that falls for a while.
                var loss = Math.Max(0.2, 1 - 0.1 * step);
                alone.Step(loss);
                driven.Step(loss);
                // Half-way another scheduler and another optimizer go on.
                if (step != Steps / 2) continue;
                using var next = Create(name);
                var resumed = schedule.Drive(next, driven.Save());
                CollectionAssert.AreEqual(driven.LearningRates.ToArray(), next.ParamGroups.Select(group => group.LearningRate).ToArray());
                Assert.AreEqual(driven.StepCount, resumed.StepCount);
                resumed.Step(loss);
                CollectionAssert.AreEqual(
                    Copy(alone, loss, schedule), next.ParamGroups.Select(group => group.LearningRate).ToArray(), $"{kind}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(OwnOptimizers))]
    public void Our_optimizers_train_as_those_of_TorchSharp_do(string name)
    {
        // TorchSharp's own throw now and then when the garbage collector comes at a bad time: then again.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var (ours, theirs) = OwnPairs[name];
                var (a, b) = (Train(ours), Train(theirs));
                for (var i = 0; i < a.Length; i++) Assert.AreEqual(b[i], a[i], 1e-5 * Math.Max(1, Math.Abs(b[i])), $"{name}, {i}");
                return;
            }
            catch (System.Runtime.InteropServices.ExternalException) when (attempt < 20)
            {
            }
        }
    }

    public static IEnumerable<object[]> OwnOptimizers => OwnPairs.Keys.Select(name => new object[] { name });

    private static readonly Dictionary<string, (Func<IEnumerable<Parameter>, torch.optim.Optimizer>,
        Func<IEnumerable<Parameter>, torch.optim.Optimizer>)> OwnPairs = new()
        {
            ["SGD"] = (p => Optimizer.Sgd().ToTorch(p, 0.1), p => torch.optim.SGD(p, 0.1)),
            ["SGD with momentum"] = (p => Optimizer.Sgd(momentum: 0.9, nesterov: true, weightDecay: 0.01).ToTorch(p, 0.05),
                p => torch.optim.SGD(p, 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01)),
            ["Adam"] = (p => Optimizer.Adam().ToTorch(p, 0.02), p => torch.optim.Adam(p, 0.02)),
            ["AdamW"] = (p => Optimizer.AdamW(weightDecay: 0.1).ToTorch(p, 0.02), p => torch.optim.AdamW(p, 0.02, weight_decay: 0.1)),
        };

    [TestMethod]
    public void An_optimizer_of_ours_goes_on_bit_for_bit()
    {
        using var scope = torch.NewDisposeScope();
        using var straight = new Parameter(torch.ones(3));
        using var cut = new Parameter(torch.ones(3));
        using var whole = Optimizer.Adam().ToTorch([straight], 0.1);
        Steps(whole, straight, 0, 20);
        using var saved = new MemoryStream();
        using (var first = Optimizer.Adam().ToTorch([cut], 0.1))
        {
            Steps(first, cut, 0, 7);
            first.Save(new BinaryWriter(saved));
        }

        saved.Position = 0;
        using var second = Optimizer.Adam().ToTorch([cut], 0.1);
        second.Load(new BinaryReader(saved));
        Steps(second, cut, 7, 20);
        CollectionAssert.AreEqual(straight.data<float>().ToArray(), cut.data<float>().ToArray());

        static void Steps(LoopOptimizer optimizer, Parameter parameter, int start, int end)
        {
            for (var step = start; step < end; step++)
            {
                optimizer.zero_grad();
                (parameter - torch.tensor([1f, step, -step])).square().sum().backward();
                optimizer.step();
            }
        }
    }

    [TestMethod]
    public void What_an_optimizer_of_ours_loads_must_be_its_own()
    {
        using var layer = torch.nn.Linear(3, 2);
        using var other = torch.nn.Linear(4, 2);
        var saved = new MemoryStream();
        using (var adam = Optimizer.Adam().ToTorch(layer.parameters(), 0.1)) adam.Save(new BinaryWriter(saved));
        StringAssert.StartsWith(Refusal(Optimizer.Sgd(momentum: 0.9), layer, saved.ToArray()), "The state must be that of Sgd");
        StringAssert.StartsWith(Refusal(Optimizer.Adam(), other, saved.ToArray()), "The state must be for the same parameters");
        StringAssert.StartsWith(Refusal(Optimizer.Adam(), layer, saved.ToArray()[..^1]), "The state is truncated or damaged");
        StringAssert.StartsWith(Refusal(Optimizer.Adam(), layer, [1]), "The state is truncated, or was not written by Save.");

        static string Refusal(Optimizer settings, Theirs.Linear layer, byte[] bytes)
        {
            using var optimizer = settings.ToTorch(layer.parameters(), 0.1);
            return Assert.ThrowsExactly<InvalidDataException>(() => optimizer.Load(new BinaryReader(new MemoryStream(bytes)))).Message;
        }
    }

    [TestMethod]
    public void An_optimizer_of_ours_outlives_the_scope_that_it_was_made_in_and_no_step_is_lost_in_silence()
    {
        using var value = new Parameter(torch.ones(2));
        LoopOptimizer optimizer;
        using (torch.NewDisposeScope()) optimizer = Optimizer.Adam().ToTorch([value], 0.1);
        value.sum().backward();
        optimizer.step();
        Assert.AreEqual(0.9f, value.data<float>()[0], 1e-6f);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => optimizer.add_param_group(new ParamGroup { Parameters = [value] })).Message,
            "Each parameter must be in only one parameter group.");
        using var more = new Parameter(torch.ones(1));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => optimizer.add_param_group(new Theirs.SGD.ParamGroup([more], 0.1, 0.9))).Message,
            "Options of a parameter group must be OptimizerOptions with a LearningRate");
        optimizer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => optimizer.step());
    }

    [TestMethod]
    public void What_cannot_be_driven_is_refused()
    {
        using var lbfgs = torch.optim.LBFGS([new Parameter(torch.zeros(1))]);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(3).Drive(lbfgs)).Message,
            "optimizer must use the learning rate of its groups at each step. Received: LBFGS");
        using var layer = torch.nn.Linear(2, 1);
        using var optimizer = Optimizer.Sgd().ToTorch(layer.parameters(), 0.1);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Optimizer.Sgd().ToTorch(layer.parameters(), -1)).Message,
            "learningRate must be in [0, ∞). Received: -1");
        Assert.ThrowsExactly<ArgumentException>(() => Optimizer.Sgd().ToTorch([], 0.1));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(
                () => LrSchedule.StepLR(3).Drive(optimizer, LrSchedule.StepLR(3).Start(0.1, 0.2).Save())).Message,
            "state must hold a learning rate for each of the 1 parameter groups of the optimizer. Received: 2");
        Assert.ThrowsExactly<InvalidOperationException>(() => LrSchedule.OneCycleLR(maxLr: 1).Drive(optimizer));
    }

    /// <summary>A small network, which learns a plane that is bent: its losses, and its weights at the end.</summary>
    private static float[] Train(Func<IEnumerable<Parameter>, torch.optim.Optimizer> create)
    {
        torch.random.manual_seed(1);
        using var scope = torch.NewDisposeScope();
        using var model = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1));
        using var optimizer = create(model.parameters());
        var scheduler = LrSchedule.CosineAnnealingLR(tMax: 40).Drive(optimizer);
        var x = torch.arange(40, dtype: torch.float32).reshape(20, 2).cos();
        var y = (x.sum(1, keepdim: true) + x.select(1, 0).unsqueeze(1).square()).detach();
        var losses = new List<float>();
        for (var step = 0; step < 40; step++)
        {
            optimizer.zero_grad();
            using var loss = torch.nn.functional.mse_loss(model.forward(x), y);
            loss.backward();
            optimizer.step();
            scheduler.Step();
            losses.Add(loss.item<float>());
        }

        Assert.IsLessThan(losses[0] / 2, losses[^1]);
        return [.. losses, .. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
    }

    private static double[] Copy(LrScheduler alone, double metric, LrSchedule schedule)
    {
        var copy = schedule.Resume(alone.Save());
        copy.Step(metric);
        return [.. copy.LearningRates];
    }

    private static torch.optim.Optimizer Create(string name) => Optimizers.Single(optimizer => optimizer.Name == name).Create(
        [[new Parameter(torch.zeros(2))], [new Parameter(torch.zeros(3))]]);

    private static LoopOptimizer Own(Optimizer settings, Parameter[][] groups)
    {
        var optimizer = settings.ToTorch(groups[0], Rate(0));
        for (var i = 1; i < groups.Length; i++)
            optimizer.add_param_group(new ParamGroup { Parameters = groups[i], Options = new OptimizerOptions { LearningRate = Rate(i) } });
        return optimizer;
    }

    private static double Rate(int group) => 0.1 / (1 + group);

    private static double Momentum(torch.optim.ILearningRateController group) =>
        group is torch.optim.IMomentum momentum ? momentum.Momentum : ((torch.optim.IBetas)group).Betas.Item1;
}
