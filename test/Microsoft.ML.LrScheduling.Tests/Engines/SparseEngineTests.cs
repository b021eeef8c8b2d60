using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Tests.Data;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// Steps on sparse rows, which cost what the rows have values: what they leave out of the weights that they do not meet is made up for.
/// The peer is the engine itself on the same rows as dense ones, whose steps leave nothing out.
/// </summary>
[TestClass]
public sealed class SparseEngineTests
{
    private const int Rows = 240;
    private const int Features = 400;
    private const int Entries = 9;

    // Where a step leaves nothing out that it does not make up for.
    private static readonly ModelSettings[] Exact =
    [
        new(Optimizer.Sgd()),
        new(Optimizer.Sgd(), L2Regularization: 0.01),
        new(Optimizer.Sgd(weightDecay: 0.3)),
        new(Optimizer.Sgd(), L1Regularization: 0.002),
        new(Optimizer.Sgd(), L1Regularization: 0.002, L2Regularization: 0.05),
        new(Optimizer.Sgd(), L1Regularization: 0.002, L2Regularization: 0.05, new GradientClipping { MaximumNorm = 0.2 }),
        new(Optimizer.Sgd(), L2Regularization: 0.05, Clipping: new GradientClipping { MaximumValue = 0.05 }),
        new(Optimizer.Sgd(momentum: 0.9)),
        new(Optimizer.Sgd(momentum: 0.5), L2Regularization: 0.02),
        new(Optimizer.Sgd(momentum: 0.9, dampening: 0.4, weightDecay: 0.05), Clipping: new GradientClipping { MaximumNorm = 0.2 }),
        new(Optimizer.Sgd(momentum: 0.8, nesterov: true), L2Regularization: 0.03),
        new(Optimizer.RmsProp(epsilon: 0.1)),
        new(Optimizer.RmsProp(alpha: 0.9, epsilon: 0.1), L1Regularization: 0.001),
        new(Optimizer.RmsProp(alpha: 0.95, epsilon: 0.1, momentum: 0.6)),
        new(Optimizer.RmsProp(alpha: 0.95, epsilon: 0.1, momentum: 0.6, centered: true)),
        new(Optimizer.Adagrad(lrDecay: 0.01, initialAccumulatorValue: 0.1)),
        new(Optimizer.Adagrad(initialAccumulatorValue: 0.1), L1Regularization: 0.001),
    ];

    [TestMethod]
    [DataRow(1, 200)]
    [DataRow(7, 60)]
    [DataRow(240, 10)]
    public void Weights_are_those_of_the_same_rows_as_dense_ones(int batchSize, int steps)
    {
        foreach (var (i, settings) in Exact.Index())
            // One fewer than a vector has lanes, one more.
            foreach (var (outputs, models) in new[] { (1, 1), (3, 1), i % 3 == 0 ? (20, 1) : i % 3 == 1 ? (1, 15) : (2, 17) })
            {
                ModelSettings[] own = [.. Enumerable.Range(0, models).Select(model => settings with
                {
                    L1Regularization = settings.L1Regularization * (1 + model),
                    L2Regularization = settings.L2Regularization * (model + 1 & 7),
                })];
                var (dense, sparse) = (Problem(false, outputs, batchSize, own), Problem(true, outputs, batchSize, own));
                using var expected = new FusedEngine(dense);
                using var actual = new FusedEngine(sparse);
                Train(expected, dense, steps);
                Train(actual, sparse, steps);
                for (var model = 0; model < models; model++)
                    AreClose(expected.GetWeights(model), actual.GetWeights(model), $"{settings}, {outputs} outputs, model {model}");
            }
    }

    [TestMethod]
    public void What_was_left_out_is_made_up_for_also_where_it_is_more_steps_than_are_kept()
    {
        foreach (var settings in Exact.Where(own => own.Clipping is null))
        {
            var (dense, sparse) = (Problem(false, 1, 1, settings), Problem(true, 1, 1, settings));
            using var expected = new FusedEngine(dense);
            using var actual = new FusedEngine(sparse);
            Train(expected, dense, steps: 5000);
            Train(actual, sparse, steps: 5000);
            // Rounding of so many steps adds up.
            AreClose(expected.GetWeights(0), actual.GetWeights(0), $"{settings}", tolerance: 5e-5);
        }
    }

    [TestMethod]
    public void A_decay_that_leaves_nothing_or_turns_weights_round_does_so()
    {
        foreach (var decay in new[] { 0.5 / Rate, 1 / Rate, 1.5 / Rate })
        {
            var settings = new ModelSettings(Optimizer.Sgd(weightDecay: decay), L1Regularization: 0.001);
            var (dense, sparse) = (Problem(false, 1, 7, settings), Problem(true, 1, 7, settings));
            using var expected = new FusedEngine(dense);
            using var actual = new FusedEngine(sparse);
            Train(expected, dense, steps: 100, rate: _ => Rate);
            Train(actual, sparse, steps: 100, rate: _ => Rate);
            AreClose(expected.GetWeights(0), actual.GetWeights(0), $"decay {decay}");
        }
    }

    [TestMethod]
    public void They_are_the_same_bits_on_any_number_of_threads()
    {
        foreach (var (outputs, models) in new[] { (1, 1), (3, 1), (20, 1), (1, 3) })
        {
            // 40,000 values a minibatch: parts for two threads and more.
            var rows = Problem(true, outputs, BatchSize: 4000, [Exact[0]], rows: 8000);
            foreach (var settings in new[] { Exact[0], Exact[4], Exact[5], Exact[8] })
            {
                var problem = rows with { Models = [.. Enumerable.Repeat(settings, models)] };
                LinearWeights? expected = null;
                foreach (var threads in new[] { 1, 2, 3, 7 })
                {
                    using var engine = new FusedEngine(problem, threads);
                    Train(engine, problem, steps: 4);
                    var actual = engine.GetWeights(models - 1);
                    expected ??= actual;
                    CollectionAssert.AreEqual(expected.Weights, actual.Weights, $"{settings}, {outputs} outputs, {threads} threads");
                    CollectionAssert.AreEqual(expected.Biases, actual.Biases);
                    Assert.IsTrue(actual.Weights.Any(weight => weight != 0));
                }
            }
        }
    }

    [TestMethod]
    public void An_engine_that_goes_on_from_what_another_saved_has_the_same_bits_as_if_nobody_had_asked()
    {
        foreach (var settings in Exact)
        {
            foreach (var (outputs, models, cut) in new[] { (1, 1, 17), (3, 1, 17), (2, 3, 17), (1, 3, 50) })
                GoesOnWithTheSameBits(settings, outputs, models, cut, steps: 90);
            // Where steps have been composed to blocks, and what was carried has faded.
            foreach (var models in new[] { 1, 3 }) GoesOnWithTheSameBits(settings, outputs: 1, models, cut: 1000, steps: 1500);
        }
    }

    private static void GoesOnWithTheSameBits(ModelSettings settings, int outputs, int models, int cut, int steps)
    {
        var problem = Problem(true, outputs, BatchSize: 7, [.. Enumerable.Repeat(settings, models)]);
        using var expected = new FusedEngine(problem);
        Train(expected, problem, steps);
        using var first = new FusedEngine(problem);
        Train(first, problem, steps: cut);
        using var second = new FusedEngine(problem);
        for (var model = 0; model < models; model++)
        {
            first.GetWeights(model);
            second.Load(model, new BinaryReader(Saved(first, model)));
        }

        Train(second, problem, steps, from: cut);
        for (var model = 0; model < models; model++)
        {
            CollectionAssert.AreEqual(expected.GetWeights(model).Weights, second.GetWeights(model).Weights, $"{settings}");
            CollectionAssert.AreEqual(expected.GetWeights(model).Biases, second.GetWeights(model).Biases, $"{settings}");
        }
    }

    [TestMethod]
    public void A_model_that_leaves_the_others_after_an_epoch_goes_on_alone()
    {
        foreach (var settings in Exact)
        {
            var problem = Problem(true, 1, BatchSize: 7, [.. Enumerable.Repeat(settings, 3)]);
            var alone = problem with { Models = [settings] };
            using var together = new FusedEngine(problem);
            Train(together, problem, steps: 35);
            together.TakeTrainingLosses(new double[3]);
            using var left = new FusedEngine(alone);
            left.Load(0, new BinaryReader(Saved(together, 1)));
            Train(left, alone, steps: 80, from: 35);
            Train(together, problem, steps: 80, from: 35);
            AreClose(together.GetWeights(1), left.GetWeights(0), $"{settings}");
        }
    }

    private const double Rate = 0.3;

    private static MemoryStream Saved(FusedEngine engine, int model)
    {
        var stream = new MemoryStream();
        engine.Save(model, new BinaryWriter(stream));
        stream.Position = 0;
        return stream;
    }

    private static void Train(FusedEngine engine, LinearProblem problem, int steps, int from = 0, Func<int, double>? rate = null)
    {
        var rows = problem.Rows.RowCount;
        engine.LoadWindow(problem.Rows.Window([.. Enumerable.Range(0, rows).Select(i => i * 7 % rows)], isPacked: false));
        var batches = (rows - 1) / problem.BatchSize + 1;
        for (var step = from; step < steps; step++)
        {
            var start = step % batches * problem.BatchSize;
            // A rate that falls, and rises in the middle.
            var now = rate?.Invoke(step) ?? Rate / (1 + 0.01 * (step % 150));
            engine.Step(start, Math.Min(problem.BatchSize, rows - start), [.. Enumerable.Repeat(now, 2 * problem.Models.Count)], []);
        }
    }

    private static LinearProblem Problem(bool isSparse, int outputs, int BatchSize, params ModelSettings[] models) =>
        Problem(isSparse, outputs, BatchSize, models, Rows);

    private static LinearProblem Problem(bool isSparse, int outputs, int BatchSize, ModelSettings[] models, int rows)
    {
        var random = new Random(5);
        var builder = new TrainingSetBuilder(Features, hasWeights: false);
        for (var row = 0; row < rows; row++)
        {
            // Some features are in most rows, most in few.
            int[] indices = [.. Enumerable.Range(0, 3 * Entries)
                .Select(_ => (int)(Features * Math.Pow(random.NextDouble(), 3))).Distinct().Take(Entries).Order()];
            float[] values = [.. indices.Select(_ => (float)random.NextDouble() * 2 - 0.5f)];
            var label = (indices[0] + (values[^1] > 0 ? 1 : 0) + random.Next(2)) % (outputs == 1 ? 2 : outputs);
            if (isSparse) builder.Add(values, indices, label, 1);
            else
            {
                var dense = new float[Features];
                for (var i = 0; i < indices.Length; i++) dense[indices[i]] = values[i];
                builder.Add(dense, [], label, 1);
            }
        }

        var set = builder.Build("training");
        Assert.AreEqual(isSparse, set.IsSparse);
        return new LinearProblem(
            set, models, outputs, outputs == 1 ? BinaryLoss.Logistic() : MulticlassLoss.CrossEntropy(), BatchSize, WindowRows: rows);
    }

    private static void AreClose(LinearWeights expected, LinearWeights actual, string what, double tolerance = 1e-5)
    {
        var size = Math.Max(1e-3f, expected.Weights.Max(Math.Abs));
        Assert.IsTrue(expected.Biases.Any(bias => bias != 0), $"{what} learns nothing");
        for (var i = 0; i < expected.Weights.Length; i++)
            Assert.AreEqual(expected.Weights[i], actual.Weights[i], tolerance * size, $"{what}, weight {i}");
        for (var i = 0; i < expected.Biases.Length; i++)
            Assert.AreEqual(expected.Biases[i], actual.Biases[i], tolerance, $"{what}, bias {i}");
    }
}
