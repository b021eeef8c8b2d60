using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>Rows that are not what their columns say, that come slowly, or whose numbers are at the end of what a float holds.</summary>
[TestClass]
public sealed class OddRowsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(5, new[] { 0, 5 })]
    [DataRow(5, new[] { 0, -1 })]
    [DataRow(4, new[] { 0, 1 })]
    [DataRow(6, new[] { 0, 1 })]
    public void A_row_of_another_shape_than_its_column_is_refused_with_its_number(int length, int[] indices)
    {
        foreach (var cursors in new[] { 1, 2 })
        {
            var view = View(row => row == 700 ? new VBuffer<float>(length, 2, [1, 2], indices)
                : row == 7 ? new VBuffer<float>(5, [1f, 2, 3, 4, 5])
                : new VBuffer<float>(5, 2, [1, 2], [0, 4]), cursors);
            var message = Assert.ThrowsExactly<InvalidOperationException>(
                () => _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options()).Fit(view)).Message;
            Assert.AreEqual(
                "Each row of column 'Features' must have 5 features, as its type says, with indices in [0, 5). Received: other "
                    + "features in row 700",
                message);
        }
    }

    [TestMethod]
    [DataRow(5, TrainingEngine.Fused)]
    [DataRow(5, TrainingEngine.Torch)]
    [DataRow(300, TrainingEngine.Fused)]
    [DataRow(300, TrainingEngine.Torch)]
    public void A_sparse_row_that_gives_a_feature_twice_is_refused_with_its_number(int width, TrainingEngine engine)
    {
        foreach (var cursors in new[] { 1, 2 })
            foreach (var indices in new int[][] { [0, 0, 1], [1, 0, 1], [4, 3, 3], [2, 4, 4] })
            {
                var view = View(row => new VBuffer<float>(width, 3, [1, 2, 3], row == 700 ? indices : [3, 1, 0]), cursors, width);
                var message = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(view, engine)).Message;
                Assert.AreEqual(
                    "A sparse row must give each feature once. Received: more than one value of a feature in column 'Features', row 700",
                    message);
            }
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(300)]
    public void The_order_of_a_sparse_rows_indices_does_not_count(int width)
    {
        float[] Weights(params int[] places) => Fit(View(
            row => new VBuffer<float>(
                width, 3, [.. places.Select(place => (row + place) % 5 - 1.5f)], [.. places.Select(place => 2 * place)]),
            cursors: 1, width), TrainingEngine.Fused);
        var ascending = Weights(0, 1, 2);
        // But for the order in which products are summed up.
        foreach (var weights in new[] { Weights(2, 1, 0), Weights(1, 0, 2) })
            for (var i = 0; i < width; i++) Assert.AreEqual(ascending[i], weights[i], 1e-5);
        Assert.AreNotEqual(0, ascending[4]);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Cancelling_waits_for_a_row_and_not_for_many_where_rows_come_slowly(int cursors)
    {
        using var source = new CancellationTokenSource();
        var given = 0;
        var view = View(row =>
        {
            Interlocked.Increment(ref given);
            if (row == 3) source.Cancel();
            Thread.Sleep(30);
            return new VBuffer<float>(5, [1f, 2, 3, 4, 5]);
        }, cursors);
        Assert.Throws<OperationCanceledException>(() => _mlContext.Regression.Trainers.TorchLinearRegression(
            new TorchLinearRegressionTrainer.Options { CancellationToken = source.Token }).Fit(view));
        // Rows are handed on by 256.
        Assert.IsLessThan(128, given);
    }

    [TestMethod]
    [DataRow(1e-39f)]
    [DataRow(1e-44f)]
    [DataRow(1e30f)]
    [DataRow(1e38f)]
    public void Only_the_ratios_of_weights_count(float weight)
    {
        var expected = Weights(1);
        var actual = Weights(weight);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-3);

        float[] Weights(float scale)
        {
            // Whole multiples, since the smallest floats have no digits.
            var rows = Enumerable.Range(0, 300).Select(i => new Row
            {
                Features = [i % 7, i % 3],
                Label = i % 7 - i % 3,
                Weight = (1 + i % 2) * scale,
            });
            return [.. _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
            {
                ExampleWeightColumnName = "Weight",
                NumberOfEpochs = 5,
                Seed = 1,
            }).Fit(_mlContext.Data.LoadFromEnumerable(rows)).Model.Weights];
        }
    }

    [TestMethod]
    public void Errors_of_validation_rows_say_that_it_is_a_validation_row()
    {
        Row[] good = [new() { Features = [1, 2], Label = 1 }, new() { Features = [2, 1], Label = 2 }];
        Row bad = new() { Features = [1, 2], Label = 1, Weight = -1 };
        (string Message, Row Row, Action<TorchLinearRegressionTrainer.Options> Change)[] cases =
        [
            ("An example weight must be in [0, ∞). Received: -1 in column 'Weight', ", bad, _ => { }),
            ("A label must be in [0, ∞) for the Poisson loss. Received: -3 in column 'Label', ",
                new() { Features = [1, 2], Label = -3 }, options => options.Loss = RegressionLoss.Poisson()),
        ];
        foreach (var (message, row, change) in cases)
        {
            Assert.AreEqual($"{message}row 1", Refusal([good[0], row], validation: null, change));
            Assert.AreEqual($"{message}validation row 1", Refusal(good, [good[0], row], change));
        }

        static void Refuse(TorchLinearRegressionTrainer.Options options) => options.InvalidRows = InvalidRowPolicy.Refuse;
        Row missing = new() { Features = [float.NaN, 2], Label = 1 };
        const string Rest = "1 has a feature (column 'Features') that is missing (NaN) or infinite. Correct it, or set InvalidRows to "
            + "Skip.";
        Assert.AreEqual($"Row {Rest}", Refusal([good[0], missing], validation: null, Refuse));
        Assert.AreEqual($"Validation row {Rest}", Refusal(good, [good[0], missing], Refuse));

        Row light = new() { Features = [1, 2], Label = 1, Weight = 0 };
        const string Sum = "rows must be in (0, ∞). Received: 0";
        Assert.AreEqual($"The sum of the example weights of the training {Sum}", Refusal([light], validation: null, _ => { }));
        Assert.AreEqual($"The sum of the example weights of the validation {Sum}", Refusal(good, [light], _ => { }));

        string Refusal(Row[] rows, Row[]? validation, Action<TorchLinearRegressionTrainer.Options> change)
        {
            var options = new TorchLinearRegressionTrainer.Options { ExampleWeightColumnName = "Weight", NumberOfEpochs = 2 };
            change(options);
            var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(options);
            var data = _mlContext.Data;
            return Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(
                data.LoadFromEnumerable(rows), validation is null ? null : data.LoadFromEnumerable(validation))).Message;
        }
    }

    [TestMethod]
    public void Labels_that_are_too_large_for_their_squares_are_named()
    {
        var message = Assert.Throws<Exception>(() => Fit(new() { Standardize = false, LearningRate = 1e-3, NumberOfEpochs = 2 }, 1, 1e20f))
            .Message;
        StringAssert.StartsWith(
            message, "Labels must be in [-1.8E+19, 1.8E+19], since larger errors overflow when they are squared. Received: -3.3333335E+19");
        // On a scale of their own they are not too large.
        Fit(new() { NumberOfEpochs = 2 }, 1, 1e20f);
    }

    [TestMethod]
    public void Features_that_are_too_large_for_the_squares_of_gradients_are_named()
    {
        foreach (var optimizer in new Optimizer[] { Optimizer.Adam(), Optimizer.AdamW(), Optimizer.RmsProp(), Optimizer.Adagrad() })
        {
            var message = Assert.Throws<Exception>(
                () => Fit(new() { Standardize = false, Optimizer = optimizer, NumberOfEpochs = 2 }, 1e25f, 1)).Message;
            StringAssert.Contains(message, "divides by the root of squared gradients");
            StringAssert.Contains(message, "Leave Standardize on");
            Fit(new() { Optimizer = optimizer, NumberOfEpochs = 2 }, 1e25f, 1);
        }
    }

    [TestMethod]
    public void A_penalty_that_is_too_large_for_the_squares_of_gradients_is_named()
    {
        Optimizer[] optimizers = [Optimizer.Adam(), Optimizer.AdamW(), Optimizer.RmsProp(), Optimizer.Adagrad()];
        foreach (var optimizer in optimizers)
            foreach (var penalty in new[] { 1e21, 1e22, 3e38 })
            {
                TorchLinearRegressionTrainer.Options options = new()
                {
                    Optimizer = optimizer,
                    L2Regularization = penalty,
                    NumberOfEpochs = 2,
                    LearningRate = 0.01,
                };
                var message = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options, 1, 1)).Message;
                // 1e15 over the rate.
                StringAssert.StartsWith(
                    message, $"L2Regularization must be at most 1E+17 for {optimizer.GetType().Name} at a learning rate of 0.01");
            }

        // What the optimizer adds of its own is part of it.
        foreach (var optimizer in new Optimizer[]
        {
            Optimizer.Adam(weightDecay: 1e30), Optimizer.RmsProp(weightDecay: 1e30), Optimizer.Adagrad(weightDecay: 1e30),
        })
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidOperationException>(
                    () => Fit(new() { Optimizer = optimizer, NumberOfEpochs = 2, LearningRate = 0.01 }, 1, 1)).Message, "1E+30");
        }

        // So is what a model to begin with makes of it.
        var large = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options { NumberOfEpochs = 2 })
            .Fit(_mlContext.Data.LoadFromEnumerable(Rows(1, 1e20f)));
        var further = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            Optimizer = Optimizer.Adam(),
            L2Regularization = 1e15,
            LearningRate = 0.01,
            Standardize = false,
        });
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => further.Fit(_mlContext.Data.LoadFromEnumerable(Rows(1, 1)), null, large.Model)).Message,
            "for Adam at a learning rate of 0.01 and from weights of up to ");

        // What is allowed moves the weights as long as training lasts.
        foreach (var optimizer in optimizers)
        {
            float[] Weights(int epochs) => Fit(
                new()
                {
                    Optimizer = optimizer,
                    L2Regularization = 1e17,
                    NumberOfEpochs = epochs,
                    LearningRate = 0.01,
                    BatchSize = 10,
                    Seed = 1,
                }, 1, 1);
            Assert.AreNotEqual(Weights(2)[0], Weights(5)[0], $"{optimizer}");
        }
    }

    private static DealtView View(Func<int, VBuffer<float>> features, int cursors, int width = 5) =>
        new(1000, cursors) { Width = width, Features = features, Label = row => row % 10 };

    private float[] Fit(IDataView view, TrainingEngine engine) =>
    [
        .. _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            Engine = engine,
            NumberOfEpochs = 2,
            Seed = 1,
        }).Fit(view).Model.Weights,
    ];

    private float[] Fit(TorchLinearRegressionTrainer.Options options, float featureScale, float labelScale) =>
    [
        .. _mlContext.Regression.Trainers.TorchLinearRegression(options)
            .Fit(_mlContext.Data.LoadFromEnumerable(Rows(featureScale, labelScale))).Model.Weights,
    ];

    private static IEnumerable<Row> Rows(float featureScale, float labelScale) => Enumerable.Range(0, 100).Select(i => new Row
    {
        Features = [i % 7 * featureScale, i % 3],
        Label = (i % 5 - 1) / 3f * labelScale,
    });

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }

        public float Weight { get; set; } = 1;
    }
}
