using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Data;
using Microsoft.ML.LrScheduling.Tests.Losses;
using Microsoft.ML.LrScheduling.Tests.Optimizers;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// The fused engine against the Torch engine, and against itself: with other models, on other numbers of threads, with shorter vectors.
/// Against PyTorch: <see cref="EnginePeerTests"/>.
/// </summary>
[TestClass]
public sealed class FusedEngineTests
{
    private const int Epochs = 20;
    private const int BatchSize = 20;
    // Ten minibatches and a short one.
    private const int Rows = 207;
    private const int Features = 21;

    [TestMethod]
    public void After_twenty_epochs_the_weights_are_those_of_the_Torch_engine()
    {
        var draws = 0;
        foreach (var optimizer in SampleOptimizers.All)
            foreach (var loss in SampleLosses.All)
                foreach (var interval in new[] { ScheduleInterval.Epoch, ScheduleInterval.Batch })
                {
                    var set = Set(loss, isSparse: draws % 3 == 0, isWeighted: draws % 2 == 0);
                    var schedule = LrSchedule.ExponentialLR(interval == ScheduleInterval.Epoch ? 0.9 : 0.99) with { Interval = interval };
                    var problem = Problem(set, loss, new ModelSettings(
                        optimizer, draws % 5 == 0 ? 0.01 : 0, draws % 7 == 0 ? 0.02 : 0,
                        (draws % 11) switch
                        {
                            0 => new GradientClipping { MaximumNorm = 0.5 },
                            1 => new GradientClipping { MaximumValue = 0.1 },
                            _ => null,
                        }));
                    var cycles = draws % 4 == 0 && optimizer.CycledMomentum is not null;
                    var (expected, actual) = (Train(new TorchEngine(problem), problem, schedule, cycles),
                        Train(new FusedEngine(problem), problem, schedule, cycles));
                    AreClose(expected, actual, 1e-4, $"{optimizer}, {loss}, {interval}, draw {draws}");
                    draws++;
                }
    }

    [TestMethod]
    public void Models_that_train_together_are_those_that_train_alone()
    {
        var optimizers = SampleOptimizers.All;
        // One fewer than a vector has lanes, one more, and more than two vectors.
        foreach (var models in new[] { 2, 15, 17, 40 })
            foreach (var (loss, i) in SampleLosses.All.Select((loss, i) => (loss, i)))
            {
                var problem = Problem(
                    Set(loss, isSparse: i % 2 == 0, isWeighted: i % 3 == 0), loss,
                    [.. Enumerable.Range(0, models).Select(model => Settings(optimizers[(i + models) % optimizers.Length], model))]);
                using var together = new FusedEngine(problem);
                double Rate(int model, int group) => 0.002 + 0.001 * model % 0.01 + 0.001 * group;
                TrainEpochs(together, problem, 5, _ => [.. Enumerable.Range(0, 2 * models).Select(j => Rate(j / 2, j % 2))]);
                var losses = new double[models];
                together.TakeTrainingLosses(losses);
                foreach (var model in new[] { 0, 1, models / 2, models - 1 })
                {
                    using var alone = new FusedEngine(problem with { Models = [problem.Models[model]] });
                    TrainEpochs(alone, problem, 5, _ => [Rate(model, 0), Rate(model, 1)]);
                    var own = new double[1];
                    alone.TakeTrainingLosses(own);
                    AreClose(alone.GetWeights(0), together.GetWeights(model), 1e-5, $"{loss}, model {model} of {models}");
                    Assert.AreEqual(own[0], losses[model], 1e-5 * Math.Abs(own[0]), $"{loss}, model {model} of {models}");
                    Assert.AreEqual(alone.LastLoss(0), together.LastLoss(model), 1e-5 * Math.Max(1, Math.Abs(own[0])));
                }
            }
    }

    [TestMethod]
    public void Weights_are_the_same_bits_on_any_number_of_threads()
    {
        // Ten parts, the last of them short.
        foreach (var (outputs, models) in new[] { (1, 1), (3, 1), (1, 20) })
        {
            var rows = 9000;
            var features = 150;
            var random = new Random(3);
            var builder = new TrainingSetBuilder(features, hasWeights: false);
            for (var row = 0; row < rows; row++)
            {
                builder.Add([.. Enumerable.Range(0, features).Select(_ => (float)random.NextDouble() - 0.5f)], [],
                    random.Next(outputs == 1 ? 2 : 3), 1);
            }
            Loss loss = outputs == 1 ? BinaryLoss.Logistic() : MulticlassLoss.CrossEntropy();
            var problem = new LinearProblem(
                builder.Build("training"), [.. Enumerable.Repeat(new ModelSettings(Optimizer.Sgd(0.9)), models)], outputs, loss,
                BatchSize: rows - 37, WindowRows: rows);
            LinearWeights? expected = null;
            foreach (var threads in new[] { 1, 2, 3, 7 })
            {
                using var engine = new FusedEngine(problem, threads);
                engine.LoadWindow(problem.Rows.Window([.. Enumerable.Range(0, rows)], isPacked: threads == 3));
                double[] rates = [.. Enumerable.Repeat(0.1, 2 * models)];
                for (var step = 0; step < 30; step++) engine.Step(0, rows - 37, rates, []);
                var actual = engine.GetWeights(models - 1);
                expected ??= actual;
                CollectionAssert.AreEqual(expected.Weights, actual.Weights, $"{outputs} outputs, {models} models, {threads} threads");
                CollectionAssert.AreEqual(expected.Biases, actual.Biases);
                Assert.IsTrue(actual.Weights.Any(weight => weight != 0));
            }
        }
    }

    [TestMethod]
    public void A_step_allocates_nothing()
    {
        foreach (var (loss, i) in SampleLosses.All.Select((loss, i) => (loss, i)))
            foreach (var models in new[] { 1, 20 })
            {
                var problem = Problem(Set(loss, isSparse: i % 2 == 0, isWeighted: i % 3 == 0), loss,
                    [.. Enumerable.Repeat(new ModelSettings(SampleOptimizers.All[i]), models)]);
                using var engine = new FusedEngine(problem);
                double[] rates = [.. Enumerable.Repeat(0.001, 2 * models)];
                var window = problem.Rows.Window([.. Enumerable.Range(0, Rows)], isPacked: models == 1);
                // Once in a while the runtime allocates, for a thread that has had to wait; a step would each time.
                var least = Enumerable.Range(0, 5).Min(_ => Steps());
                Assert.AreEqual(0, least, $"{loss}, {problem.Models[0]}, {models} models");

                long Steps()
                {
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    engine.LoadWindow(window);
                    for (var start = 0; start < Rows; start += BatchSize) engine.Step(start, Math.Min(BatchSize, Rows - start), rates, []);
                    return GC.GetAllocatedBytesForCurrentThread() - before;
                }
            }
    }

    /// <summary>
    /// The paths for other processors: the same in a process that is told to do without the longer vectors, or without any.
    /// </summary>
    [TestMethod]
    [DataRow("EnableAVX512")]
    [DataRow("EnableAVX2")]
    [DataRow("EnableHWIntrinsic")]
    public void Weights_are_the_same_with_shorter_vectors(string feature)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(FusedEngineTests).Assembly.Location, "weights"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_" + feature] = "0";
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual("", process.StandardError.ReadToEnd());
        process.WaitForExit();
        var expected = Weights().ToArray();
        Assert.AreEqual(expected.Length, lines.Length - 1);
        for (var i = 0; i < expected.Length; i++)
        {
            // Without any vectors .NET multiplies and adds in two steps, each of which rounds.
            var tolerance = feature == "EnableHWIntrinsic" ? 2e-6 * Math.Max(1, Math.Abs(expected[i])) : 0;
            Assert.AreEqual(
                expected[i], float.Parse(lines[i + 1], CultureInfo.InvariantCulture), tolerance, $"{feature}, weight {i}");
        }
        // The process says how long its vectors are, so that this cannot pass by the flag having another name.
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated)
            Assert.AreEqual(feature switch { "EnableAVX512" => "256", "EnableAVX2" => "128", _ => "0" }, lines[0]);
    }

    /// <summary>Writes the longest vectors that are in hardware, and the weights of some models, a line each.</summary>
    public static void WriteWeights()
    {
        Console.WriteLine(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 512
            : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 256
            : System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated ? 128 : 0);
        foreach (var weight in Weights()) Console.WriteLine(weight.ToString("R", CultureInfo.InvariantCulture));
    }

    [TestMethod]
    public void What_another_engine_saved_is_refused()
    {
        var (first, last) = (SampleLosses.All[0], SampleLosses.All[^1]);
        var problem = Problem(Set(first, false, false), first, new ModelSettings(Optimizer.Adam()));
        using var engine = new FusedEngine(problem);
        using var stream = new MemoryStream();
        engine.Save(0, new BinaryWriter(stream));
        foreach (var other in new[] { Problem(Set(first, true, false), first, new ModelSettings(Optimizer.Adam())),
            Problem(Set(last, false, false), last, new ModelSettings(Optimizer.Adam())) })
        {
            stream.Position = 0;
            using var different = new FusedEngine(other);
            Assert.ThrowsExactly<InvalidDataException>(() => different.Load(0, new BinaryReader(stream)));
        }
    }

    private static IEnumerable<float> Weights()
    {
        foreach (var (loss, i) in SampleLosses.All.Select((loss, i) => (loss, i)))
            foreach (var models in new[] { 1, 3, 33 })
            {
                var problem = Problem(Set(loss, isSparse: i % 2 == 0, isWeighted: i % 3 == 0), loss,
                    [.. Enumerable.Repeat(new ModelSettings(SampleOptimizers.All[i]), models)]);
                using var engine = new FusedEngine(problem);
                TrainEpochs(engine, problem, 2, _ => [.. Enumerable.Repeat(0.003, 2 * models)]);
                var weights = engine.GetWeights(models - 1);
                foreach (var weight in weights.Weights.Concat(weights.Biases)) yield return weight;
            }
    }

    private static LinearProblem Problem(TrainingSet set, Loss loss, params ModelSettings[] models) =>
        new(set, models, OutputCount: loss is MulticlassLoss ? 3 : 1, loss, BatchSize, WindowRows: Rows);

    // Every third model has penalties, every third, but others, its gradients clipped; and each the numbers of its own.
    private static ModelSettings Settings(Optimizer kind, int model)
    {
        var part = 0.02 * (model % 5);
        Optimizer own = kind switch
        {
            Sgd { Nesterov: false } sgd => sgd with
            {
                Momentum = 9 * part,
                Dampening = sgd.Dampening + part,
                WeightDecay = sgd.WeightDecay + part / 10,
            },
            Adam adam => adam with { Beta1 = adam.Beta1 - part, Beta2 = adam.Beta2 - part, Epsilon = adam.Epsilon + part / 10 },
            AdamW adam => adam with { Beta2 = adam.Beta2 - part, WeightDecay = adam.WeightDecay + part },
            RmsProp rms => rms with { Alpha = rms.Alpha - part, Momentum = 4 * part, Epsilon = rms.Epsilon + part / 10 },
            Adagrad adagrad => adagrad with { LrDecay = part, InitialAccumulatorValue = adagrad.InitialAccumulatorValue + part },
            var other => other,
        };
        return (model % 3) switch
        {
            0 => new ModelSettings(own, L1Regularization: 0.001 * model, L2Regularization: 0.002 * model),
            1 => new ModelSettings(
                own, Clipping: model % 2 == 0 ? new GradientClipping { MaximumNorm = 0.7 } : new GradientClipping { MaximumValue = 0.2 }),
            _ => new ModelSettings(own),
        };
    }

    private static LinearWeights Train(ILinearEngine engine, LinearProblem problem, LrSchedule schedule, bool cyclesMomentum)
    {
        using (engine)
        {
            var scheduler = schedule.Start(0.01, 0.02);
            var step = 0;
            TrainEpochs(
                engine, problem, Epochs,
                _ =>
                {
                    if (step++ > 0) scheduler.Advance(ScheduleInterval.Batch);
                    return [.. scheduler.LearningRates];
                },
                () => scheduler.Advance(ScheduleInterval.Epoch),
                () => cyclesMomentum ? [0.85 + 0.1 * Math.Sin(step), 0.9] : []);
            return engine.GetWeights(0);
        }
    }

    private static void TrainEpochs(
        ILinearEngine engine, LinearProblem problem, int epochs, Func<int, double[]> rates, Action? endEpoch = null,
        Func<double[]>? momenta = null)
    {
        var order = new RowOrder(Rows, Features, BatchSize, seed: 11);
        var windows = new WindowLoader(problem.Rows, order);
        Assert.AreEqual(1, windows.WindowCount);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            engine.LoadWindow(windows.Load(epoch, 0));
            for (var start = 0; start < Rows; start += problem.BatchSize)
                engine.Step(start, Math.Min(problem.BatchSize, Rows - start), rates(start), momenta?.Invoke() ?? []);
            endEpoch?.Invoke();
        }
    }

    private static TrainingSet Set(Loss loss, bool isSparse, bool isWeighted)
    {
        var random = new Random(8);
        var builder = new TrainingSetBuilder(isSparse ? 400 : Features, isWeighted);
        for (var row = 0; row < Rows; row++)
        {
            float[] x = [.. Enumerable.Range(0, Features).Select(_ => (float)(random.NextDouble() * 2 - 1))];
            var score = x[0] - 2 * x[1] + 0.5 * x[2] + 0.3 + random.NextDouble() - 0.5;
            var label = loss switch
            {
                PoissonLoss => (float)Math.Floor(Math.Exp(score / 2)),
                BinaryLoss => score > 0 ? 1 : 0,
                MulticlassLoss => score > 0.7 ? 2 : score < -0.7 ? 1 : 0,
                _ => (float)score,
            };
            // Of sparse rows each has features of its own among the four hundred.
            int[] indices = isSparse ? [.. Enumerable.Range(0, Features).Select(i => 19 * i + (row + i) % 3 * 6)] : [];
            builder.Add(x, indices, label, isWeighted ? 0.5f + (float)random.NextDouble() : 1);
        }

        var set = builder.Build("training");
        Assert.AreEqual(isSparse, set.IsSparse);
        return set;
    }

    private static void AreClose(LinearWeights expected, LinearWeights actual, double tolerance, string what)
    {
        var size = expected.Weights.Concat(expected.Biases).Max(Math.Abs);
        Assert.IsGreaterThan(0.005f, size, $"{what} learns nothing");
        for (var i = 0; i < expected.Weights.Length; i++)
            Assert.AreEqual(expected.Weights[i], actual.Weights[i], tolerance * size, $"{what}, weight {i}");
        for (var i = 0; i < expected.Biases.Length; i++)
            Assert.AreEqual(expected.Biases[i], actual.Biases[i], tolerance * size, $"{what}, bias {i}");
    }
}
