using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

// What the Torch engine leans on, said through TorchSharp's public API alone: the same holds for the package.
[TestClass, DoNotParallelize]
public sealed class TorchSubsetTests
{
    private DisposeScope _scope = null!;

    [TestInitialize]
    public void OpenScope() => _scope = NewDisposeScope();

    [TestCleanup]
    public void CloseScope() => _scope.Dispose();

    [TestMethod]
    public void Products_in_place_add_beta_times_the_old_to_alpha_times_the_new()
    {
        var x = torch.tensor(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        var w = torch.tensor(new double[] { 1, 0, -1 });
        var r = torch.tensor(new double[] { 10, 20 });
        var m = torch.ones(2, 2, dtype: float64);

        r.addmv_(x, w, beta: 0.5f, alpha: 2);
        m.addmm_(x, x.t(), beta: 0, alpha: 0.5f);

        AreClose([1, 6], r);
        AreClose([7, 16, 16, 38.5], m);
        AreClose([14, 32, 32, 77], x.mm(x.T));
        AreClose([-2, -2], x.mv(w));
        AreClose([-2, -2], torch.matmul(x, w));
    }

    [TestMethod]
    public void Operations_in_place_return_the_tensor_that_they_change()
    {
        var t = torch.ones(2);
        var u = torch.full(2, 3f);
        var x = torch.ones(2, 2);

        Assert.AreSame(t, t.add_(u));
        Assert.AreSame(t, t.add_(u, alpha: 2));
        Assert.AreSame(t, t.sub_(1));
        Assert.AreSame(t, t.mul_(2));
        Assert.AreSame(t, t.div_(u));
        Assert.AreSame(t, t.neg_());
        AreClose([-6, -6], t);
        Assert.AreSame(t, t.addmv_(x, u));
        AreClose([0, 0], t);
        Assert.AreSame(t, t.copy_(u));
        Assert.AreSame(t, t.fill_(7));
        AreClose([7, 7], t);
    }

    [TestMethod]
    public void Zero_works_in_place_and_returns_another_tensor_over_the_same_memory()
    {
        var t = torch.ones(3);

        var zeroed = t.zero_();

        Assert.AreNotSame(t, zeroed);
        AreClose([0, 0, 0], t);
        zeroed.fill_(2);
        AreClose([2, 2, 2], t);
    }

    [TestMethod]
    public void Arithmetic_broadcasts_and_promotes()
    {
        var column = torch.tensor(new float[,] { { 1 }, { 2 } });
        var row = torch.tensor(new float[] { 10, 20 });

        AreClose([11, 21, 12, 22], column + row);
        AreClose([-9, -19, -8, -18], column - row);
        AreClose([10, 20, 20, 40], column * row);
        AreClose([0.1, 0.05, 0.2, 0.1], column / row);
        AreClose([9, 8], 10 - column);
        AreClose([2, 1], 2 / column);
        AreClose([1.5, 2.5], column + 0.5);
        AreClose([1, 4], column.square());
        AreClose([1, 8], column.pow(3));
        AreClose([-1, -2], -column);
        AreClose([1, 2], (-column).abs());
        AreClose([1, Math.Sqrt(2)], column.sqrt());
        Assert.AreEqual(float32, torch.full(2, 3.0).dtype);
        Assert.AreEqual(int64, torch.full(2, 3).dtype);
        Assert.AreEqual(float64, (torch.ones(1, dtype: float64) + row).dtype);
        Assert.AreEqual(float32, (torch.ones(1, dtype: int64) + 0.5).dtype);
    }

    [TestMethod]
    public void Signs_and_bounds_keep_what_is_within()
    {
        var t = torch.tensor(new float[] { -2, -0.5f, 0, 0.5f, 2 });

        AreClose([-1, -1, 0, 1, 1], t.sign());
        AreClose([-1, -1, 0, 1, 1], torch.sign(t));
        AreClose([-1, -0.5, 0, 0.5, 1], t.clamp(-1, 1));
        AreClose([-1, -0.5, 0, 0.5, 2], t.clamp(min: -1));
        AreClose([0, 0, 0, 0.5, 2], t.clamp_min(0));
        AreClose([-2, -0.5, 0, 0, 0], t.clamp_max(0));
        Assert.AreSame(t, t.clamp_(max: 1));
        AreClose([-2, -0.5, 0, 0.5, 1], t);
        Assert.AreSame(t, t.clamp_min_(-1));
        Assert.AreSame(t, t.clamp_max_(0.25));
        AreClose([-1, -0.5, 0, 0.25, 0.25], t);
        Assert.AreSame(t, t.sign_());
        AreClose([-1, -1, 0, 1, 1], t);
    }

    [TestMethod]
    public void Rows_are_added_where_an_index_says()
    {
        var t = torch.ones(3, 2);
        var index = torch.tensor(new long[] { 2, 0, 2 });
        var rows = torch.tensor(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });

        AreClose([4, 5, 1, 1, 7, 9], t.index_add(0, index, rows, 1));
        Assert.AreSame(t, t.index_add_(0, index, rows, alpha: -0.5));
        AreClose([-0.5, -1, 1, 1, -2, -3], t);
        AreClose([0.5, 1], torch.zeros(2).index_add(0, torch.tensor(new long[] { 1, 0, 1 }), torch.full(3, 0.5f), 1));
        Assert.Throws<ArgumentException>(() => t.index_add_(0, torch.ones(3), rows, 1));
        Assert.Throws<ExternalException>(() => t.index_add_(0, torch.tensor(new long[] { 3, 0, 0 }), rows, 1));
    }

    [TestMethod]
    public void Softmax_makes_shares_of_a_dimension_whatever_the_size()
    {
        var t = torch.tensor(new double[,] { { 0, Math.Log(3) }, { 1000, 1000 } });

        AreClose([0.25, 0.75, 0.5, 0.5], t.softmax(1));
        AreClose([0.25, 0.75, 0.5, 0.5], nn.functional.softmax(t, -1));
        AreClose([0.25, 0.75, 0.5, 0.5], torch.softmax(t, 1));
        AreClose([0, 0, 1, 1], t.softmax(0));
        AreClose([Math.Log(0.25), Math.Log(0.75), Math.Log(0.5), Math.Log(0.5)], nn.functional.log_softmax(t, 1));
        Assert.AreEqual(float32, t.log_softmax(1, float32).dtype);
    }

    [TestMethod]
    public void Conversions_share_memory_unless_something_changes()
    {
        var t = torch.ones(2);

        t.to(CPU).fill_(2);
        AreClose([2, 2], t);
        t.to(float32, CPU).fill_(3);
        AreClose([3, 3], t);
        t.to("cpu").fill_(4);
        AreClose([4, 4], t);
        t.to(DeviceType.CPU).fill_(5);
        AreClose([5, 5], t.cpu());
        t.to(CPU, copy: true).fill_(6);
        t.to(float64).fill_(7);
        AreClose([5, 5], t);
        Assert.AreEqual(float64, t.to(float64).dtype);

        var after = t.to(float64, disposeAfter: true);
        AreClose([5, 5], after);
        Assert.IsTrue(t.IsInvalid);
        Assert.AreEqual(DeviceType.CPU, after.device.type);
        if (!cuda.is_available()) Assert.Throws<Exception>(() => after.to("cuda"));
    }

    [TestMethod]
    public void Reductions_take_all_elements_or_some_dimensions()
    {
        var t = torch.tensor(new double[,] { { 1, 2 }, { 3, 4 } });

        Assert.AreEqual(10, t.sum().item<double>());
        // By name: a literal 0 alone would be taken for a ScalarType.
        AreClose([4, 6], t.sum(dim: 0));
        AreClose([3, 7], t.sum(dim: 1, keepdim: true));
        AreClose([4, 6], t.sum(new long[] { 0 }));
        AreClose([10], t.sum(0, 1, keepdim: true));
        AreClose([10], torch.sum(t, [0, 1]));
        Assert.AreEqual(2.5, t.mean().item<double>());
        AreClose([1.5, 3.5], t.mean([1]));
        Assert.AreEqual(Math.Sqrt(30), t.norm().item<double>(), 1e-15);
        Assert.AreEqual(10, t.norm(p: 1f).item<double>());
        Assert.AreEqual(30, t.reshape(4).dot(t.reshape(4)).ToDouble());
    }

    [TestMethod]
    public void Views_share_the_memory_that_they_look_at()
    {
        var block = torch.zeros(4, 3);

        var rows = block.narrow(0, 1, 2);
        rows.fill_(1);
        block.view(12).narrow(0, 11, 1).fill_(5);
        block.t().narrow(0, 0, 1).add_(2);

        CollectionAssert.AreEqual(new long[] { 2, 3 }, rows.shape);
        CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, rows.unsqueeze(0).shape);
        CollectionAssert.AreEqual(new long[] { 2, 3 }, rows.unsqueeze(0).squeeze(0).shape);
        CollectionAssert.AreEqual(new long[] { 3, 2 }, rows.transpose(0, 1).shape);
        Assert.IsFalse(rows.t().is_contiguous());
        AreClose([2, 0, 0, 3, 1, 1, 3, 1, 1, 2, 0, 5], block);
        AreClose([2, 3, 3, 2], block.t().narrow(0, 0, 1));
        AreClose([2, 0, 5, 2, 0, 0], block.index_select(0, torch.tensor(new long[] { 3, 0 })));
    }

    [TestMethod]
    public void Tensors_copy_an_array_unless_asked_to_share_it()
    {
        float[] values = [1, 2, 3, 4];
        var copy = torch.tensor(values, [2, 2]);
        var shared = torch.from_array(values);

        shared.mul_(10);
        values[0] = -1;

        AreClose([1, 2, 3, 4], copy);
        AreClose([-1, 20, 30, 40], shared);
        CollectionAssert.AreEqual(new float[] { -1, 20, 30, 40 }, values);
        AreClose([-1, 20, 30, 40], torch.from_array(values, float64));
        Assert.AreEqual(float64, torch.from_array(values, float64).dtype);
        Assert.Throws<ArgumentException>(() => torch.tensor(values, [3, 2]));
    }

    [TestMethod]
    public void Accessors_read_and_write_rows_of_any_stride()
    {
        var t = torch.zeros(2, 3, dtype: float64);
        t.data<double>().CopyFrom([1, 2, 3, 4, 5, 6]);
        t.data<double>()[1, 2] = 60;

        CollectionAssert.AreEqual(new double[] { 1, 4, 2, 5, 3, 60 }, t.t().data<double>().ToArray());
        CollectionAssert.AreEqual(new double[] { 1, 2, 3, 4, 5, 60 }, MemoryMarshal.Cast<byte, double>(t.bytes).ToArray());
        Assert.AreEqual(6, t.data<double>().Count);
        Assert.Throws<ArgumentException>(() => t.data<float>());
        Assert.Throws<ArgumentException>(() => t.item<double>());
    }

    [TestMethod]
    public void Random_numbers_are_those_of_PyTorch_for_a_seed()
    {
        torch.manual_seed(0);

        // torch.manual_seed(0); torch.rand(4), as PyTorch prints it.
        AreClose([0.4963, 0.7682, 0.0885, 0.1320], torch.rand(4), 5e-5);
        torch.random.manual_seed(0);
        AreClose([0.4963, 0.7682, 0.0885, 0.1320], torch.rand(4), 5e-5);
        torch.manual_seed(7);
        Assert.AreEqual(7, torch.random.initial_seed());
    }

    [TestMethod]
    public void Comparisons_are_element_by_element_and_Equals_is_not()
    {
        var t = torch.tensor(new float[] { 1, 2 });
        var u = torch.tensor(new float[] { 1, 2.00001f });

        CollectionAssert.AreEqual(new[] { true, false }, (t == u).data<bool>().ToArray());
        CollectionAssert.AreEqual(new[] { false, true }, (t != u).data<bool>().ToArray());
        Assert.IsFalse(t.Equals(u));
        Assert.IsTrue(t.Equals(t.clone()));
        Assert.IsTrue(t.allclose(u, rtol: 1e-4));
        Assert.IsFalse(t.allclose(u, rtol: 1e-8));
    }

    [TestMethod]
    public void Autograd_of_a_linear_model_gives_the_closed_form()
    {
        torch.manual_seed(1);
        var x = torch.randn(16, 3, dtype: float64);
        var y = torch.randn(16, 1, dtype: float64);
        using var model = nn.Linear(3, 1, dtype: float64);
        using var loss = nn.MSELoss();

        var value = loss.call(model.call(x), y);
        value.backward();

        using var none = no_grad();
        var residual = x.mm(model.weight!.t()).add(model.bias!).sub(y);
        Assert.AreEqual(residual.square().mean().item<double>(), value.item<double>(), 1e-14);
        Assert.IsTrue(model.weight!.grad!.allclose(residual.t().mm(x).mul(2.0 / 16), 1e-12));
        Assert.IsTrue(model.bias!.grad!.allclose(residual.sum(dim: 0).mul(2.0 / 16), 1e-12));
    }

    [TestMethod]
    public void Gradients_add_up_until_they_are_zeroed()
    {
        var p = new Parameter(torch.tensor(new double[] { 1, 2 }));
        using var optimizer = optim.SGD([p], 0.1);
        Assert.IsNull(p.grad);

        p.square().sum().backward();
        p.square().sum().backward();
        AreClose([4, 8], p.grad!);

        optimizer.zero_grad();
        AreClose([0, 0], p.grad!);
        p.grad = null;
        Assert.IsNull(p.grad);
    }

    [TestMethod]
    public void Modes_switch_tracing_and_give_it_back()
    {
        var p = new Parameter(torch.ones(2));

        Assert.IsTrue((p * 2).requires_grad);
        using (no_grad())
        {
            Assert.IsFalse(is_grad_enabled());
            Assert.IsFalse((p * 2).requires_grad);
            p.mul_(3);
            using (enable_grad()) Assert.IsTrue((p * 2).requires_grad);
        }
        using (inference_mode())
        {
            Assert.IsTrue(is_inference_mode_enabled());
            Assert.IsFalse((p * 2).requires_grad);
        }
        Assert.IsTrue(is_grad_enabled());
        Assert.IsFalse(is_inference_mode_enabled());
        Assert.IsFalse(p.detach().requires_grad);
        AreClose([3, 3], p.detach());
        Assert.Throws<ExternalException>(() => p.mul_(3));
    }

    [TestMethod]
    public void A_linear_module_starts_within_one_over_the_root_of_its_inputs()
    {
        using var model = nn.Linear(400, 8);

        CollectionAssert.AreEqual(new long[] { 8, 400 }, model.weight!.shape);
        CollectionAssert.AreEqual(new long[] { 8 }, model.bias!.shape);
        foreach (var parameter in model.parameters())
        {
            Assert.IsTrue(parameter.requires_grad);
            Assert.IsTrue(parameter.data<float>().All(value => Math.Abs(value) <= 0.05f));
            Assert.IsTrue(parameter.detach().norm().item<float>() > 0);
        }
        using var bare = nn.Linear(3, 1, hasBias: false);
        Assert.IsNull(bare.bias);
        Assert.AreEqual(1, bare.parameters().Count());
    }

    [TestMethod]
    [DataRow(0.0, 0.0, 0.0, false)]
    [DataRow(0.0, 0.0, 0.1, false)]
    [DataRow(0.9, 0.0, 0.0, false)]
    [DataRow(0.9, 0.5, 0.01, false)]
    [DataRow(0.9, 0.0, 0.0, true)]
    [DataRow(0.8, 0.0, 0.05, true)]
    public void SGD_follows_its_update_formula_for_twenty_steps(double momentum, double dampening, double weightDecay, bool nesterov)
    {
        const double rate = 0.05;
        var start = new[] { 1.0, -2.0, 3.0 };
        var target = torch.tensor(new[] { 0.5, 0.25, -1 });
        var p = new Parameter(torch.tensor(start));
        using var optimizer = optim.SGD([p], rate, momentum, dampening, weightDecay, nesterov);

        var expected = start.ToArray();
        var velocity = new double[3];
        for (var step = 0; step < 20; step++)
        {
            optimizer.zero_grad();
            p.sub(target).square().sum().backward();
            optimizer.step();

            // PyTorch's documented algorithm, by hand; the first step takes the gradient itself for the velocity.
            var goals = target.data<double>().ToArray();
            for (var i = 0; i < 3; i++)
            {
                var g = 2 * (expected[i] - goals[i]) + weightDecay * expected[i];
                velocity[i] = step == 0 ? g : momentum * velocity[i] + (1 - dampening) * g;
                expected[i] -= rate * (momentum == 0 ? g : nesterov ? g + momentum * velocity[i] : velocity[i]);
            }
        }

        AreClose(expected, p, 1e-12);
    }

    [TestMethod]
    public void Parameter_groups_step_with_rates_of_their_own_that_can_change()
    {
        var weights = new Parameter(torch.zeros(2, dtype: float64));
        var bias = new Parameter(torch.zeros(1, dtype: float64));
        using var optimizer = optim.SGD([new SGD.ParamGroup([weights], lr: 0.1), new SGD.ParamGroup([bias], lr: 0.2, momentum: 0.5)], 1);
        weights.grad = torch.tensor(new double[] { 1, 2 });
        bias.grad = torch.tensor(new double[] { 1 });
        var groups = optimizer.ParamGroups.ToArray();

        optimizer.step();
        AreClose([-0.1, -0.2], weights);
        AreClose([-0.2], bias);

        groups[0].LearningRate = 1;
        groups[1].LearningRate = 0;
        optimizer.step();
        AreClose([-1.1, -2.2], weights);
        AreClose([-0.2], bias);

        groups[1].LearningRate = 1;
        ((optim.IMomentum)groups[1]).Momentum = 0;
        optimizer.step();
        AreClose([-1.2], bias);
        Assert.AreEqual(0.2, groups[1].InitialLearningRate);
        CollectionAssert.AreEqual(new[] { 2.0 * 0.5, 1 }, groups.Select(group => group.LearningRate).ToArray());
    }

    [TestMethod]
    public void SGD_refuses_what_it_cannot_do()
    {
        var p = new Parameter(torch.zeros(1));

        Assert.Throws<ArgumentException>(() => optim.SGD([p], -0.1));
        Assert.Throws<ArgumentException>(() => optim.SGD([p], 0.1, momentum: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD([p], 0.1, weight_decay: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD([p], 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD([p], 0.1, momentum: 0.9, dampening: 0.1, nesterov: true));
    }

    [TestMethod]
    public void A_dispose_scope_leaves_nothing_but_what_is_moved_out_of_it()
    {
        var before = LiveTensors();
        Tensor kept;
        using (NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                var a = torch.ones(3);
                kept = (a + a).mul(3).MoveToOuterDisposeScope();
                var passing = (a - 1).MoveToOuterDisposeScope();
                Assert.AreEqual(2, inner.DisposablesCount);
                Assert.IsFalse(inner.Contains(passing));
            }
            Assert.AreEqual(before + 2, Tensor.TotalCount);
            AreClose([6, 6, 6], kept);
            kept.DetachFromDisposeScope();
        }
        Assert.AreEqual(before + 1, Tensor.TotalCount);
        Assert.IsFalse(kept.IsInvalid);

        kept.Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.IsTrue(kept.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => kept.Handle);
    }

    [TestMethod]
    public void Training_in_place_makes_no_tensors()
    {
        var x = torch.randn(32, 10);
        var xT = x.t();
        var w = new Parameter(torch.zeros(10));
        var b = new Parameter(torch.zeros(1));
        var r = torch.zeros(32);
        var y = torch.randn(32);
        var ones = torch.ones(1, 32);
        w.grad = torch.zeros(10);
        b.grad = torch.zeros(1);
        var (gw, gb) = (w.grad!, b.grad!);
        using var optimizer = optim.SGD([new SGD.ParamGroup([w], lr: 0.1, momentum: 0.9), new SGD.ParamGroup([b], lr: 0.1)], 0.1);
        using var none = no_grad();
        optimizer.step();
        var before = LiveTensors();

        for (var i = 0; i < 100; i++)
        {
            r.addmv_(x, w, beta: 0).add_(b).sub_(y);
            gw.addmv_(xT, r, beta: 0, alpha: 2 / 32f);
            gb.addmv_(ones, r, beta: 0, alpha: 2 / 32f);
            optimizer.step();
        }

        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.IsTrue(r.square().mean().item<float>() < y.square().mean().item<float>());
    }

    [TestMethod]
    public void Threads_can_be_set_and_read()
    {
        var before = get_num_threads();

        set_num_threads(1);
        Assert.AreEqual(1, get_num_threads());

        set_num_threads(before);
        Assert.AreEqual(before, get_num_threads());
    }

    [TestMethod]
    public void What_libtorch_refuses_arrives_as_an_exception_that_says_why()
    {
        var e = Assert.Throws<ExternalException>(() => torch.ones(2, 3).mm(torch.ones(2, 3)));

        StringAssert.Contains(e.Message, "2x3");
    }

    [TestMethod]
    public void Devices_print_as_PyTorch_names_them()
    {
        Assert.AreEqual("cpu", torch.CPU.ToString());
        Assert.AreEqual(DeviceType.CPU, torch.device("cpu").type);
        Assert.AreEqual("cpu", torch.zeros(1).device.ToString());
    }

    [TestMethod]
    public void Without_the_native_library_the_first_use_says_what_to_install()
    {
        var original = typeof(torch).Assembly.Location;
        if (Path.GetFileName(original) != "TorchSharp.Subset.dll") Assert.Inconclusive("The package brings its own native library.");
        var folder = Directory.CreateTempSubdirectory("torch-subset");
        var context = new AssemblyLoadContext("without native library", isCollectible: true);
        try
        {
            var copy = Path.Combine(folder.FullName, Path.GetFileName(original));
            File.Copy(original, copy);
            var getNumThreads = context.LoadFromAssemblyPath(copy).GetType("TorchSharp.torch")!.GetMethod(nameof(get_num_threads))!;

            var e = Assert.Throws<TargetInvocationException>(() => getNumThreads.Invoke(null, null));

            Assert.IsInstanceOfType<DllNotFoundException>(e.InnerException);
            StringAssert.Contains(e.InnerException.Message, "apt-get install libtorch-dev g++, then build again");
        }
        finally
        {
            context.Unload();
            try
            {
                folder.Delete(recursive: true);
            }
            catch (UnauthorizedAccessException)
            {
                // Windows keeps the file until the context is collected.
            }
        }
    }

    private static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static void AreClose(double[] expected, Tensor actual, double tolerance = 1e-6)
    {
        var values = actual.dtype == float64
            ? actual.data<double>().ToArray()
            : actual.data<float>().ToArray().Select(value => (double)value).ToArray();
        Assert.AreEqual(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++) Assert.AreEqual(expected[i], values[i], tolerance, $"element {i}");
    }
}
