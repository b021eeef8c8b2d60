using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Metrics that are zero or not defined for the rows, and what watches them.</summary>
[TestClass]
public sealed class UndefinedMetricTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void F1_is_zero_while_nothing_is_predicted_true_and_training_goes_on()
    {
        // One row in twenty is true, whatever the features: no score comes above zero.
        var history = _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
        {
            NumberOfEpochs = 5,
            LearningRate = 0.01,
            ValidationFraction = 0.2,
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, metric: Metric.F1Score),
        }).Fit(RareRows(1000)).History;
        Assert.AreEqual(5, history.Epochs.Count);
        Assert.IsTrue(history.Epochs.All(epoch => epoch[Metric.F1Score] == 0));
        // The first epoch is the best so far, and each after it a bad one.
        CollectionAssert.AreEqual(
            new[] { 0.01, 0.01, 0.005, 0.0025, 0.00125 }, history.Epochs.Select(epoch => epoch.LearningRates[0]).ToArray());
    }

    [TestMethod]
    [DataRow(NanPolicy.Bad, 0.0025)]
    [DataRow(NanPolicy.Ignore, 0.01)]
    [DataRow(NanPolicy.Throw, null)]
    public void A_metric_that_is_not_defined_is_what_NanPolicy_says(NanPolicy policy, double? lastRate)
    {
        foreach (var (metric, fit) in new (Metric, Func<LrSchedule, TrainingHistory>)[]
        {
            (Metric.AreaUnderRocCurve, schedule => FitOneClass(options => options.LearningRateSchedule = schedule)),
            (Metric.RSquared, schedule => FitEqualLabels(options => options.LearningRateSchedule = schedule)),
        })
        {
            var schedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, metric: metric, nanPolicy: policy);
            if (lastRate is { } rate)
            {
                var history = fit(schedule);
                Assert.AreEqual((3, rate), (history.Epochs.Count, history.Epochs[^1].LearningRates[0]), $"{metric}");
                Assert.IsNull(history.Epochs[0][metric]);
            }
            else
            {
                Assert.AreEqual(
                    $"ReduceLROnPlateau watches {metric}, which is not defined for these validation rows: all have the same label. Its "
                    + "nanPolicy is Throw. Set it to Bad or Ignore, watch another metric, or give other validation rows.",
                    Assert.ThrowsExactly<InvalidOperationException>(() => fit(schedule)).Message);
            }
        }
    }

    [TestMethod]
    public void Early_stopping_takes_it_for_no_better_and_the_log_says_so_before_training()
    {
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        var rule = new EarlyStopping { Metric = Metric.AreaUnderRocCurve, Patience = 2 };
        var history = FitOneClass(options => options.EarlyStopping = rule);
        Assert.AreEqual((StopReason.EarlyStopped, 2, null), (history.StopReason, history.Epochs.Count, history.BestEpoch));
        var warned = log.FindIndex(line => line.Contains(
            "EarlyStopping watches AreaUnderRocCurve, which is not defined for these validation rows: all have the same label.",
            StringComparison.Ordinal));
        Assert.IsInRange(0, log.FindIndex(line => line.Contains("epoch 1/3", StringComparison.Ordinal)), warned);
    }

    [TestMethod]
    public void What_watches_it_within_a_schedule_is_named_with_what_it_does()
    {
        const string Watches = "watches AreaUnderRocCurve, which is not defined for these validation rows: all have the same label.";
        foreach (var (part, why) in new (LrSchedule, string)[]
        {
            (LrSchedule.CustomLR("metric < 0.5 ? rate / 2 : rate"), $"CustomLR {Watches} Its functions see NaN."),
            (LrSchedule.ReduceLROnPlateau(), $"ReduceLROnPlateau {Watches} Its nanPolicy says how that is handled."),
        })
        {
            var log = new List<string>();
            var mlContext = new MLContext(seed: 1);
            mlContext.Log += (_, e) => log.Add(e.Message);
            mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
            {
                NumberOfEpochs = 3,
                LearningRate = 0.01,
                MonitoredMetric = Metric.AreaUnderRocCurve,
                LearningRateSchedule = part.WithWarmup(1),
            }).Fit(RareRows(100), FalseRows());
            Assert.IsTrue(log.Any(line => line.EndsWith(why, StringComparison.Ordinal)), string.Join('\n', log));
        }
    }

    [TestMethod]
    public void A_sweep_without_validation_rows_tells_which_of_its_trials_watch_what_is_not_there()
    {
        // The second trial watches what the first does not.
        var space = SweepSpace.Trials([Options(null), Options(LrSchedule.ReduceLROnPlateau(metric: Metric.F1Score))]);
        var study = _mlContext.BinaryClassification.Trainers.Sweep(space, RareRows(40), new SweepOptions { Metric = Metric.TrainingLoss });
        Assert.AreEqual(0, study.Best.Number);
        StringAssert.Contains(study.Trials[1].Failure, "ReduceLROnPlateau watches F1Score, and there is no validation data.");

        static TorchLogisticRegressionTrainer.Options Options(LrSchedule? schedule) =>
            new() { NumberOfEpochs = 2, LearningRateSchedule = schedule };
    }

    [TestMethod]
    public void A_sweep_by_a_metric_that_is_not_defined_says_so_before_and_after()
    {
        var (log, best) = (new List<string>(), "");
        _mlContext.Log += (_, e) => log.Add(e.Message);
        Study<TorchLogisticRegressionTrainer.Options> Sweep(SweepStrategy? strategy) =>
            _mlContext.BinaryClassification.Trainers.Sweep(
                SweepSpace.Trials([.. new[] { 0.1, 0.01, 0.001, 0.002 }.Select(rate => new TorchLogisticRegressionTrainer.Options
                {
                    NumberOfEpochs = 4,
                    LearningRate = rate,
                })]),
                RareRows(100), new SweepOptions { Metric = Metric.AreaUnderRocCurve, Strategy = strategy }, FalseRows());
        var study = Sweep(null);
        const string Why = "Trials are compared by AreaUnderRocCurve, which is not defined for these validation rows: all have the same "
            + "label. No trial will have a score. Choose another Metric, or other validation rows.";
        Assert.AreEqual(Why, study.Notes.Single());
        Assert.IsTrue(log.Any(line => line.EndsWith(Why, StringComparison.Ordinal)));
        best = Assert.ThrowsExactly<InvalidOperationException>(() => study.Best).Message;
        Assert.AreEqual(
            "There is no best trial. Of 4 trials 4 have no AreaUnderRocCurve: it is not defined for the rows that they were measured on.",
            best);
        Assert.AreEqual("4 trials; none has a score by AreaUnderRocCurve", $"{study}");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(SweepStrategy.SuccessiveHalving(4))).Message,
            "A strategy that stops trials early needs a metric that is defined for the validation rows. Received: AreaUnderRocCurve");
    }

    [TestMethod]
    public void A_sweep_tells_once_of_each_schedule_and_rule_that_watches_what_is_not_defined()
    {
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        var plateau = LrSchedule.ReduceLROnPlateau(metric: Metric.AreaUnderRocCurve);
        TorchLogisticRegressionTrainer.Options[] trials =
        [
            new() { NumberOfEpochs = 3, LearningRateSchedule = plateau },
            new() { NumberOfEpochs = 3 },
            new() { NumberOfEpochs = 3, LearningRateSchedule = plateau with { Patience = 1 } },
            new() { NumberOfEpochs = 3, EarlyStopping = new EarlyStopping { Metric = Metric.AreaUnderRocCurve } },
        ];
        var study = _mlContext.BinaryClassification.Trainers.Sweep(SweepSpace.Trials(trials), RareRows(100), validationData: FalseRows());
        const string All = " watches AreaUnderRocCurve, which is not defined for these validation rows: all have the same label. ";
        CollectionAssert.AreEqual(
            new[]
            {
                $"ReduceLROnPlateau{All}Its nanPolicy says how that is handled.", $"EarlyStopping{All}No epoch counts as better.",
            },
            study.Notes.ToArray());
        Assert.AreEqual(2, log.Count(line => line.Contains(All, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_fold_whose_rows_have_one_label_is_named()
    {
        // One true row of forty: three of four folds have none.
        var study = _mlContext.BinaryClassification.Trainers.Sweep(
            SweepSpace.Trials([new TorchLogisticRegressionTrainer.Options { NumberOfEpochs = 2, LearningRate = 0.01 }]),
            RareRows(40, every: 40), new SweepOptions { Metric = Metric.AreaUnderRocCurve, NumberOfFolds = 4 });
        Assert.IsNull(study.Trials[0].Score);
        StringAssert.Contains(
            study.Trials[0].Failure, "AreaUnderRocCurve is not defined for the rows of the fold: all have the same label.");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => study.Best).Message, "AreaUnderRocCurve is not defined");
    }

    [TestMethod]
    public void Folds_score_the_F1_that_CrossValidate_gives()
    {
        // Each fold has rows of both kinds: ML.NET's evaluator throws where it has not.
        var rows = RareRows(400, every: 5);
        var options = new TorchLogisticRegressionTrainer.Options { NumberOfEpochs = 3, LearningRate = 0.01, Seed = 1 };
        var study = _mlContext.BinaryClassification.Trainers.Sweep(SweepSpace.Trials([options]), rows, new SweepOptions
        {
            Metric = Metric.F1Score,
            NumberOfFolds = 4,
            Seed = 3,
        });
        var folds = new MLContext(3).BinaryClassification.CrossValidate(
            rows, _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options), 4, seed: 3);
        CollectionAssert.AreEqual(
            folds.Select(fold => (double?)fold.Metrics.F1Score).ToArray(), study.Trials[0].FoldScores.ToArray());
        Assert.AreEqual(0, study.Trials[0].Score);
    }

    private TrainingHistory FitOneClass(Action<TorchLogisticRegressionTrainer.Options> configure)
    {
        var options = new TorchLogisticRegressionTrainer.Options { NumberOfEpochs = 3, LearningRate = 0.01 };
        configure(options);
        if (options.EarlyStopping is not null) options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
        return _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(RareRows(100), FalseRows()).History;
    }

    private IDataView FalseRows() => _mlContext.Data.FilterRowsByColumn(
        _mlContext.Transforms.Conversion.ConvertType("Truth", "Label", DataKind.Single).Fit(RareRows(100)).Transform(RareRows(100)),
        "Truth", upperBound: 0.5);

    private TrainingHistory FitEqualLabels(Action<TorchLinearRegressionTrainer.Options> configure)
    {
        var options = new TorchLinearRegressionTrainer.Options { NumberOfEpochs = 3, LearningRate = 0.01, LabelColumnName = "Number" };
        configure(options);
        var equal = _mlContext.Data.LoadFromEnumerable(
            TaskCase.Points(20).Select(point => new TaskRow { Features = point.Features, Number = 0.1f }).ToArray());
        return _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(TaskCase.Rows(_mlContext, 100), equal).History;
    }

    private IDataView RareRows(int count, int every = 20) => _mlContext.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new RareRow { Label = i % every == 0, Features = [i % 2, i % 3] }).ToArray());

    private sealed class RareRow
    {
        public bool Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
