using FsCheck.Fluent;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

[TestClass]
public sealed class LearningRateFinderTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Rates_are_a_geometric_sequence_and_losses_are_of_rows_held_out()
    {
        var rows = TaskCase.Points(1000).ToArray();
        var curve = new LearningRateFinder { MinimumRate = 1e-6, MaximumRate = 1e3, NumberOfRates = 10 }.Find(Trainer(), View(rows));
        Assert.HasCount(10, curve.Points);
        for (var i = 0; i < 10; i++) Assert.AreEqual(Math.Pow(10, i - 6), curve.Points[i].Rate, 1e-9 * Math.Pow(10, i - 6));
        // Before anything is learned predictions are the mean label, and so the loss the variance.
        var mean = rows.Average(row => row.Number);
        var variance = rows.Average(row => Math.Pow(row.Number - mean, 2));
        Assert.AreEqual(variance, curve.InitialLoss, 0.01 * variance);
        Assert.AreEqual(variance, curve.Points[0].Loss, 0.01 * variance, "a millionth learns nothing in a thousand steps");
        // The noise of TaskCase.Points is uniform, 0.4 wide.
        Assert.AreEqual(0.4 * 0.4 / 12, curve.Points.Min(point => point.Loss), 0.1 * 0.4 * 0.4 / 12);
        Assert.AreEqual(double.PositiveInfinity, curve.Points[^1].Loss, "SGD on features of one scale diverges well below a thousand");
    }

    [TestMethod]
    [DataRow(9_999)]
    [DataRow(25_001)]
    public void The_order_of_the_rows_does_not_matter_and_many_rows_are_thinned_evenly(int count)
    {
        var sorted = TaskCase.Points(count).OrderBy(row => row.Number).ToArray();
        var mean = sorted.Average(row => row.Number);
        var variance = sorted.Average(row => Math.Pow(row.Number - mean, 2));
        var finder = new LearningRateFinder { MinimumRate = 1e-3, MaximumRate = 1, NumberOfRates = 10, Steps = 20 };
        // The rows that are held out in turn have the same mean label. In the order of labels, each part would have its own.
        Assert.AreEqual(variance, finder.Find(Trainer(), View(sorted)).InitialLoss, 0.01 * variance);
    }

    [TestMethod]
    [DynamicData(nameof(Optimizers))]
    public void The_suggestion_trains_as_well_as_the_best_rate(Optimizer optimizer)
    {
        var rows = TaskCase.Rows(_mlContext, 1000);
        var curve = new LearningRateFinder().Find(Trainer(optimizer: optimizer), rows);
        Assert.IsNotNull(curve.SuggestedRate, curve.Reason);
        // The noise alone has a variance of 0.4² / 12.
        Assert.IsLessThan(1.1 * 0.4 * 0.4 / 12, TrainingLoss(optimizer, curve.SuggestedRate.Value, rows), $"{curve.SuggestedRate}");
    }

    public static IEnumerable<object[]> Optimizers { get; } =
    [
        [Optimizer.Sgd()], [Optimizer.Sgd(momentum: 0.9)], [Optimizer.Adam()], [Optimizer.RmsProp()], [Optimizer.Adagrad()],
    ];

    [TestMethod]
    public void Losses_below_zero_are_losses()
    {
        var random = new Random(1);
        var rows = TaskCase.Points(600).Select(row => new TaskRow
        {
            Features = row.Features,
            Number = (float)Math.Round(Math.Exp(3 + row.Number + 0.1 * random.NextDouble())),
        }).ToArray();
        var trainer = Trainer(loss: RegressionLoss.Poisson());
        var curve = new LearningRateFinder().Find(trainer, View(rows));
        // score − label · log score, of labels about 20.
        Assert.IsLessThan(0, curve.InitialLoss);
        Assert.IsNotNull(curve.SuggestedRate, curve.Reason);
        var least = curve.Points.Min(point => point.Loss);
        Assert.IsLessThan(curve.InitialLoss - 1, least);
        var model = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = curve.SuggestedRate,
            Loss = RegressionLoss.Poisson(),
            Seed = 1,
        }).Fit(View(rows));
        Assert.AreEqual(least, model.History.Epochs[^1].TrainingLoss, 0.05 * (curve.InitialLoss - least));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Of_labels_that_are_noise_nothing_is_suggested(int seed)
    {
        var random = new Random(seed);
        var rows = TaskCase.Points(500, seed).Select(row => new TaskRow
        {
            Features = row.Features,
            Number = (float)random.NextDouble(),
            Truth = random.Next(2) == 0,
            Class = (uint)random.Next(3) + 1,
        }).ToArray();
        LearningRateCurve[] curves =
        [
            new LearningRateFinder().Find(Trainer(), View(rows)),
            new LearningRateFinder().Find(Trainer(optimizer: Optimizer.Adam()), View(rows)),
            new LearningRateFinder().Find(_mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Truth"), View(rows)),
            new LearningRateFinder().Find(_mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy("Class"), View(rows)),
        ];
        foreach (var curve in curves)
        {
            Assert.IsNull(curve.SuggestedRate);
            StringAssert.Contains(curve.Reason, "do not predict the label better than chance");
        }
    }

    [TestMethod]
    [DynamicData(nameof(HoldingBack))]
    public void Of_a_curve_that_options_keep_flat_nothing_is_suggested(string named, LinearTrainerOptions holding)
    {
        foreach (var optimizer in holding.Optimizer is Sgd { WeightDecay: 0 }
            ? [Optimizer.Sgd(), Optimizer.Adam()] : new[] { holding.Optimizer })
            foreach (TaskCase task in TaskCase.All.Select(row => row[0]))
            {
                void Configure(LinearTrainerOptions options)
                {
                    (options.Optimizer, options.L1Regularization, options.L2Regularization, options.GradientClipping) =
                        (optimizer, holding.L1Regularization, holding.L2Regularization, holding.GradientClipping);
                }

                var curve = Find(task.Trainer(_mlContext, Configure), TaskCase.Rows(_mlContext, 400));
                Assert.IsNull(curve.SuggestedRate, $"{task}, {optimizer}: {curve.Reason}");
                StringAssert.StartsWith(curve.Reason, "No rate moves the loss from its initial value of ");
                StringAssert.Contains(curve.Reason, $"{named} may hold the weights near zero: try less of it.");
            }
    }

    public static IEnumerable<object[]> HoldingBack { get; } =
    [
        ["L2Regularization (1E+06)", new TorchLinearRegressionTrainer.Options { L2Regularization = 1e6 }],
        ["L2Regularization (1E+04)", new TorchLinearRegressionTrainer.Options { L2Regularization = 1e4 }],
        ["weightDecay (1E+06)", new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.AdamW(weightDecay: 1e6) }],
        ["GradientClipping (GradientClipping { MaximumNorm = 1E-09 })",
            new TorchLinearRegressionTrainer.Options { GradientClipping = new() { MaximumNorm = 1e-9 } }],
    ];

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(300)]
    public void Of_labels_that_are_one_nothing_is_suggested_and_the_label_is_named(int count)
    {
        var rows = View([.. TaskCase.Points(count).Select(
            row => new TaskRow { Features = row.Features, Number = 7, Truth = true, Class = 2 })]);
        foreach (var (task, label) in TaskCase.All.Select(row => (TaskCase)row[0]).Zip(["7", "true", "3"]))
            foreach (var standardize in new[] { true, false })
            {
                var curve = Find(task.Trainer(_mlContext, options => options.Standardize = standardize), rows);
                Assert.IsNull(curve.SuggestedRate);
                Assert.AreEqual(
                    $"All {count} rows have the label {label}. There is nothing to learn, so that no rate is better than another. "
                    + "Check the label column.", curve.Reason);
            }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(5)]
    public void Of_a_few_rows_nothing_is_suggested_as_they_are_few(int count)
    {
        // The first two have labels of different classes.
        var rows = View([.. TaskCase.Points(count).Select((row, i) => new TaskRow
        {
            Features = row.Features, Number = row.Number, Truth = i % 2 == 0, Class = (uint)i % 3,
        })]);
        foreach (TaskCase task in TaskCase.All.Select(row => row[0]))
        {
            var curve = Find(task.Trainer(_mlContext), rows);
            Assert.IsNull(curve.SuggestedRate);
            StringAssert.StartsWith(curve.Reason, $"{count} rows are too few to tell whether the features predict the label");
        }
    }

    [TestMethod]
    public void Of_classes_that_can_be_separated_without_an_error_a_rate_that_separates_them_is_suggested()
    {
        var rows = View([.. TaskCase.Points(300).Select(row => new TaskRow
        {
            Features = [row.Features[0] + Math.Sign(row.Features[0]), .. row.Features[1..]], Truth = row.Features[0] > 0,
        })]);
        foreach (double? l2 in new double?[] { null, 0 })
        {
            TorchLogisticRegressionTrainer Trainer(double? rate) => _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(
                new TorchLogisticRegressionTrainer.Options
                {
                    LabelColumnName = "Truth",
                    L2Regularization = l2,
                    LearningRate = rate,
                    Seed = 1,
                });
            var curve = new LearningRateFinder().Find(Trainer(null), rows);
            Assert.IsNotNull(curve.SuggestedRate, curve.Reason);
            var scored = Trainer(curve.SuggestedRate).Fit(rows).Transform(rows);
            Assert.AreEqual(1, _mlContext.BinaryClassification.Evaluate(scored, "Truth").Accuracy, $"{curve}");
        }
    }

    [TestMethod]
    public void Of_features_that_do_not_vary_nothing_is_suggested()
    {
        var rows = TaskCase.Points(300).Select(row => new TaskRow { Features = [1, 2, 3, 4], Number = row.Number }).ToArray();
        var curve = new LearningRateFinder().Find(Trainer(), View(rows));
        Assert.IsNull(curve.SuggestedRate);
        StringAssert.Contains(curve.Reason, "do not predict the label better than chance");
    }

    [TestMethod]
    public void Rates_that_are_all_too_high_or_all_too_low_are_no_suggestion()
    {
        var rows = TaskCase.Rows(_mlContext, 1000);
        var high = new LearningRateFinder { MinimumRate = 1e5, MaximumRate = 1e6 }.Find(Trainer(), rows);
        Assert.IsNull(high.SuggestedRate);
        StringAssert.Contains(high.Reason, "Try a lower MinimumRate.");
        var low = new LearningRateFinder { MinimumRate = 1e-8, MaximumRate = 1e-4 }.Find(Trainer(), rows);
        Assert.IsNull(low.SuggestedRate);
        StringAssert.Contains(low.Reason, "Try a higher MaximumRate.");
    }

    [TestMethod]
    public void The_suggestion_is_the_lowest_rate_whose_loss_falls_nearly_as_far_as_any()
    {
        // Of a fall from −5 to −15 the lowest that is within a fiftieth of the least is the fourth.
        Assert.AreEqual(1e-3, Curve(-5, -5.1, -9, -14.7, -14.9, -15, -14.95, double.PositiveInfinity).SuggestedRate);
        // The rates of the others: the least is the first, or the last, or none is lower than the start.
        StringAssert.Contains(Curve(1, 0.5, 0.6, 0.8, 2).Reason, "and rises with higher rates. Try a lower MinimumRate.");
        StringAssert.Contains(Curve(1, 0.9, 0.8, 0.6, 0.3).Reason, "still falls at the highest rate, 0.001. Try a higher MaximumRate.");
        StringAssert.Contains(Curve(1, 1.1, 2, double.PositiveInfinity).Reason, "With all rates from 1E-06 up, the loss rises");
        Assert.AreEqual(1e-5, Curve(1, 0.9, 0.301, 0.3, 0.3, 0.3, 0.2999).SuggestedRate, "a loss that never rises has come to its least");
        // Within a thousandth of the loss, or after a rise as large as half of the fall: chance.
        StringAssert.Contains(Curve(1, 1, 0.9999, 0.9995, 1.2, double.PositiveInfinity).Reason, "by more than chance");
        StringAssert.Contains(Curve(1, 1, 0.99, 1.03, 0.95, 1.1, 2).Reason, "by more than chance");
        StringAssert.Contains(Curve(1, 1, 1.01, 1.2, 5).Reason, "by more than chance", "a lower rate would not help");
        Assert.AreEqual(1e-4, Curve(1, 1, 0.9, 0.3, 0.35, 0.27, 0.5).SuggestedRate,
            "a fall that is smaller than the rise before it is chance");
        StringAssert.Contains(Curve(1, 1, 0.5, 0.9, 0.45, 2).Reason, "by more than chance", "a rise counts from the least before it");
        // All rates are too low if each is better than the one below it, however little.
        StringAssert.Contains(Curve(1, 1, 0.9999, 0.9998, 0.9997).Reason, "still falls at the highest rate");
        StringAssert.Contains(Curve(1, 1, 0.9999, 0.9999, 0.9997).Reason, "by more than chance");
        StringAssert.Contains(Curve(1, 1, 1.0001, 0.9998, 0.9999, 0.9997).Reason, "by more than chance");
    }

    [TestMethod]
    public void The_limits_of_a_suggestion_are_within_it()
    {
        Assert.AreEqual(1e-5, Curve(1, 0.9, 0.02, 0, 0.5).SuggestedRate, "98 % of the fall are enough");
        Assert.AreEqual(1e-4, Curve(1, 0.9, 0.8, 0.3, 0.2999).SuggestedRate, "a tenth of the highest rate is low enough");
        Assert.AreEqual(1e-6, Curve(1, 0.5, 0.75, 0.25, 2).SuggestedRate, "a fall as large as the rise before it is chance");
        Assert.AreEqual(1e-4, Curve(1, 1, 1.25, 0.5, 2).SuggestedRate, "a rise of half of the fall is not yet chance");
        Assert.IsNull(Curve(1, 1.5, 1, 2).SuggestedRate, "the start is no fall");
        StringAssert.Contains(Curve(1, [1, 1, 1], floor: 1).Reason, "by more than chance", "no loss can be below the start");
    }

    [TestMethod]
    public void What_holds_weights_back_is_named_where_the_loss_falls_by_less_than_a_hundredth()
    {
        double[] losses = [1, 0.999, 0.995, 1.5];
        var free = Curve(1, losses, heldBack: "");
        Assert.AreEqual(1e-4, free.SuggestedRate, free.Reason);
        StringAssert.Contains(Curve(1, losses, heldBack: "L2Regularization (5)").Reason, "L2Regularization (5) may hold the weights");
        StringAssert.Contains(Curve(1, [1, 1, 1.5]).Reason, "Try other features, or more rows.");
    }

    [TestMethod]
    public void The_unit_and_the_zero_of_a_loss_do_not_matter() => Draws.Hold(
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            // Some curves are nearly flat, and some begin at the start.
            var height = Math.Pow(10, -random.Next(5));
            double[] losses = [.. Enumerable.Range(0, 6).Select(_ => 1 + height * (random.NextDouble() - 0.5))];
            if (random.Next(2) == 0) losses[0] = 1;
            var heldBack = random.Next(2) == 0 ? "" : "L2Regularization (5)";
            var (unit, zero) = (Math.Pow(2, random.Next(-6, 7)), random.Next(-3, 4));
            Assert.AreEqual(
                Curve(1, losses, 0.5, heldBack).SuggestedRate,
                Curve(unit + zero, [.. losses.Select(loss => unit * loss + zero)], unit * 0.5 + zero, heldBack).SuggestedRate);
        }), 500);

    private static LearningRateCurve Curve(double initial, params double[] losses) => Curve(initial, losses, floor: 0);

    private static LearningRateCurve Curve(double initial, double[] losses, double floor = 0, string heldBack = "") => new(
        [.. losses.Select((loss, i) => new LearningRatePoint(Math.Pow(10, i - 6), loss))], initial, floor, obstacle: null, heldBack);

    [TestMethod]
    public void Adam_is_suggested_a_rate_for_prices_in_dollars_that_trains()
    {
        TextLoader.Column[] columns =
        [
            new("Price", DataKind.Single, 6),
            new("Features", DataKind.Single, [new(0), new(4, 5), new(7, 9)]),
        ];
        var data = _mlContext.Data.TakeRows(
            _mlContext.Data.ShuffleRows(
                _mlContext.Data.LoadFromTextFile(TestData.PathOf("diamonds.csv"), columns, ',', hasHeader: true), seed: 1), 4000);
        TorchLinearRegressionTrainer.Options Options(double? rate) => new()
        {
            LabelColumnName = "Price",
            LearningRate = rate,
            Optimizer = Optimizer.Adam(),
            Seed = 1,
        };
        var curve = new LearningRateFinder().Find(_mlContext.Regression.Trainers.TorchLinearRegression(Options(null)), data);
        Assert.IsNotNull(curve.SuggestedRate, curve.Reason);
        double RSquared(double rate) => _mlContext.Regression.Evaluate(
            _mlContext.Regression.Trainers.TorchLinearRegression(Options(rate)).Fit(data).Transform(data), "Price").RSquared;
        // Size alone explains 85 % of the variance: R² of ordinary least squares on these columns is 0.86.
        Assert.IsGreaterThan(0.84, RSquared(curve.SuggestedRate.Value), $"{curve.SuggestedRate}");
        Assert.IsLessThan(0.8, RSquared(curve.SuggestedRate.Value / 1000), "a thousandth learns too slowly");
    }

    [TestMethod]
    public void The_scale_of_features_and_labels_does_not_matter()
    {
        var rows = TaskCase.Points(500).ToArray();
        var scaled = rows.Select(row => new TaskRow { Features = [.. row.Features.Select(x => 1000 * x)], Number = 50 * row.Number });
        foreach (Optimizer optimizer in new Optimizer[] { Optimizer.Sgd(), Optimizer.Adam() })
        {
            var trainer = Trainer(optimizer: optimizer);
            var suggested = new LearningRateFinder().Find(trainer, View(rows)).SuggestedRate;
            Assert.IsNotNull(suggested);
            Assert.AreEqual(suggested.Value, new LearningRateFinder().Find(trainer, View([.. scaled])).SuggestedRate);
        }
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_curve()
    {
        var rows = TaskCase.Rows(_mlContext, 400);
        ValueList<LearningRatePoint> Points(int seed) => new LearningRateFinder().Find(Trainer(seed: seed), rows).Points;
        Assert.AreEqual(Points(1), Points(1));
        Assert.AreNotEqual(Points(1), Points(2));
    }

    [TestMethod]
    public void Both_engines_find_the_same_rate()
    {
        var rows = TaskCase.Rows(_mlContext, 300);
        var finder = new LearningRateFinder { Steps = 100, NumberOfRates = 19 };
        var fused = finder.Find(Trainer(engine: TrainingEngine.Fused), rows);
        var torch = finder.Find(Trainer(engine: TrainingEngine.Torch), rows);
        // But for rounding, which only rates that nearly diverge make larger.
        foreach (var (ours, theirs) in fused.Points.Zip(torch.Points).Where(pair => pair.First.Rate < 0.1))
            Assert.AreEqual(ours.Loss, theirs.Loss, 1e-4 * fused.InitialLoss);
        Assert.IsInRange(0.5, 2, fused.SuggestedRate!.Value / torch.SuggestedRate!.Value);
    }

    [TestMethod]
    public void What_cannot_be_tried_is_refused()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new LearningRateFinder { MinimumRate = 1, MaximumRate = 0.1 }
                .Find(Trainer(), TaskCase.Rows(_mlContext, 10))).Message,
            "MaximumRate must be above MinimumRate (1). Received: 0.1");
        Assert.AreEqual(
            "The finder needs at least two training rows. Received: 1",
            Assert.ThrowsExactly<InvalidOperationException>(
                () => new LearningRateFinder().Find(Trainer(), TaskCase.Rows(_mlContext, 1))).Message);
        Assert.ThrowsExactly<ArgumentException>(
            () => new LearningRateFinder { MinimumRate = 1, MaximumRate = 1 }.Find(Trainer(), View([])));
        // What the documentation of the properties says.
        var (finder, least) = (new LearningRateFinder(), new LearningRateFinder { Steps = 20, NumberOfRates = 3 });
        Assert.AreEqual((1e-6, 1000.0, 37, 1000), (finder.MinimumRate, finder.MaximumRate, finder.NumberOfRates, finder.Steps));
        Assert.AreEqual((20, 3), (least.Steps, least.NumberOfRates));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LearningRateFinder { Steps = 19 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LearningRateFinder { NumberOfRates = 2 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LearningRateFinder { MinimumRate = 0 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LearningRateFinder { MaximumRate = double.PositiveInfinity });
    }

    [TestMethod]
    public void The_options_token_ends_it()
    {
        var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            CancellationToken = new CancellationToken(canceled: true),
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => new LearningRateFinder().Find(trainer, TaskCase.Rows(_mlContext, 100)));
    }

    private static LearningRateCurve Find(IEstimator<ITransformer> trainer, IDataView rows) => trainer switch
    {
        TorchLinearRegressionTrainer regression => new LearningRateFinder().Find(regression, rows),
        TorchLogisticRegressionTrainer binary => new LearningRateFinder().Find(binary, rows),
        TorchMaximumEntropyTrainer multiclass => new LearningRateFinder().Find(multiclass, rows),
        _ => throw new ArgumentException($"{trainer}"),
    };

    private IDataView View(TaskRow[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private double TrainingLoss(Optimizer optimizer, double rate, IDataView rows) =>
        _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = rate,
            Optimizer = optimizer,
            Seed = 1,
            BatchSize = 16,
        }).Fit(rows).History.Epochs[^1].TrainingLoss;

    private TorchLinearRegressionTrainer Trainer(
        Optimizer? optimizer = null, RegressionLoss? loss = null, TrainingEngine engine = TrainingEngine.Auto, int seed = 1)
    {
        var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", Seed = seed, BatchSize = 16, Engine = engine };
        if (optimizer is not null) options.Optimizer = optimizer;
        if (loss is not null) options.Loss = loss;
        return _mlContext.Regression.Trainers.TorchLinearRegression(options);
    }
}
