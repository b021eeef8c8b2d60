using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>What a user of ML.NET expects of a trainer, of all three tasks.</summary>
[TestClass]
public sealed class ThreeTasksTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_schema_is_that_of_MLNETs_own_trainer(TaskCase task)
    {
        var data = TaskCase.Rows(_mlContext, 50);
        var shape = MLNetInternals.ShapeOf(data.Schema);
        Assert.AreEqual(Describe(task.Peer(_mlContext).GetOutputSchema(shape)), Describe(task.Trainer(_mlContext).GetOutputSchema(shape)));
        // What was promised before training is what comes of it.
        var output = task.Fit(_mlContext, data).Transformer.GetOutputSchema(data.Schema);
        foreach (var column in task.Trainer(_mlContext)
            .GetOutputSchema(shape).Where(column => data.Schema.GetColumnOrNull(column.Name) is null))
        {
            var actual = output[column.Name];
            Assert.AreEqual(column.ItemType, actual.Type is VectorDataViewType vector
                ? vector.ItemType : actual.Type is KeyDataViewType ? NumberDataViewType.UInt32 : actual.Type, column.Name);
            CollectionAssert.IsSubsetOf(
                column.Annotations.Select(a => a.Name).ToArray(), actual.Annotations.Schema.Select(a => a.Name).ToArray(), column.Name);
        }

        static string Describe(SchemaShape shape) => string.Join("\n", shape.Select(column =>
            $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} "
            + $"[{string.Join(", ", column.Annotations.Select(a => $"{a.Name} {a.Kind} {a.ItemType}"))}]"));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void It_composes_caches_splits_saves_loads_and_predicts(TaskCase task)
    {
        var split = _mlContext.Data.TrainTestSplit(TaskCase.Rows(_mlContext, 1000), testFraction: 0.2);
        var pipeline = _mlContext.Transforms.NormalizeMeanVariance("Features")
            .AppendCacheCheckpoint(_mlContext)
            .Append(task.Trainer(_mlContext))
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Score"));
        var model = pipeline.Fit(split.TrainSet);
        var scored = model.Transform(split.TestSet);
        Assert.IsGreaterThan(0.9, Quality(task, scored));

        using var file = new MemoryStream();
        _mlContext.Model.Save(model, split.TrainSet.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(seed: 2).Model.Load(file, out _);
        CollectionAssert.AreEqual(Scores(scored), Scores(loaded.Transform(split.TestSet)));
        Assert.IsFalse(loaded is IEnumerable<ITransformer> chain
            && chain.Any(part => part.GetType().Assembly == typeof(LinearTrainerOptions).Assembly), "a model opens without this library");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_history_the_options_and_the_schedule_travel_in_the_model_file(TaskCase task)
    {
        var schedule = LrSchedule.CosineAnnealingLR(tMax: 5).WithWarmup(2);
        var (transformer, _, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 200), options =>
        {
            (options.NumberOfEpochs, options.LearningRateSchedule, options.ValidationFraction) = (6, schedule, 0.2);
            (options.Optimizer, options.L1Regularization) = (Optimizer.Adam(beta1: 0.8), 1e-4);
        });
        var data = TaskCase.Rows(_mlContext, 10);
        var path = Path.Combine(Path.GetTempPath(), $"lrscheduling-{Guid.NewGuid():N}.zip");
        try
        {
            var chain = new TransformerChain<ITransformer>(_mlContext.Transforms.CopyColumns("Copy", "Features").Fit(data), transformer);
            _mlContext.Model.Save(chain, data.Schema, path);
            var loaded = TrainingHistory.Load(path);
            Assert.AreEqual(history.ToJson(), loaded.ToJson());
            Assert.AreEqual(history, loaded);
            Assert.AreEqual(schedule, loaded.Schedule);
            Assert.AreEqual(6, loaded.Epochs.Count);
            Assert.AreEqual(history.Epochs[3].ValidationMetrics[Metric.ValidationLoss], loaded.Epochs[3][Metric.ValidationLoss]);
            var kind = task.Label switch { "Number" => "LinearRegression", "Truth" => "LogisticRegression", _ => "MaximumEntropy" };
            Assert.AreEqual($"Torch{kind}Trainer", loaded.Trainer);
            LinearTrainerOptions options = task.Label switch
            {
                "Number" => TorchLinearRegressionTrainer.Options.FromJson(loaded.Options),
                "Truth" => TorchLogisticRegressionTrainer.Options.FromJson(loaded.Options),
                _ => TorchMaximumEntropyTrainer.Options.FromJson(loaded.Options),
            };
            Assert.AreEqual((schedule, Optimizer.Adam(beta1: 0.8), 1e-4, task.Label),
                (options.LearningRateSchedule, options.Optimizer, options.L1Regularization, options.LabelColumnName));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_same_seed_gives_the_same_model_one_at_a_time_or_sixteen_at_once(TaskCase task)
    {
        float[] Train(int seed) => task.Fit(new MLContext(seed: 9), TaskCase.Rows(_mlContext, 300), options =>
            (options.Seed, options.NumberOfEpochs, options.ValidationFraction) = (seed, 5, 0.2)).Weights;
        var alone = Enumerable.Range(0, 16).Select(Train).ToArray();
        var together = new float[16][];
        // Threads of their own, so that all sixteen run at once whatever the pool thinks.
        var threads = Enumerable.Range(0, 16).Select(seed => new Thread(() => together[seed] = Train(seed))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        for (var seed = 0; seed < 16; seed++) CollectionAssert.AreEqual(alone[seed], together[seed], $"seed {seed}");
        CollectionAssert.AreNotEqual(alone[0], alone[1]);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_seed_of_the_context_is_honoured(TaskCase task)
    {
        float[] Train(int seed) => task.Fit(
            new MLContext(seed), TaskCase.Rows(_mlContext, 200), options => (options.Seed, options.NumberOfEpochs) = (null, 2)).Weights;
        CollectionAssert.AreEqual(Train(1), Train(1));
        CollectionAssert.AreNotEqual(Train(1), Train(2));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_warm_start_goes_on_where_another_model_ended(TaskCase task)
    {
        var data = TaskCase.Rows(_mlContext, 500);
        var (first, weights, history) = task.Fit(_mlContext, data, options => options.NumberOfEpochs = 10);
        var (warm, warmHistory) = task.FitFrom(
            _mlContext, data, first, options => (options.NumberOfEpochs, options.LearningRate) = (1, 1e-6));
        for (var i = 0; i < weights.Length; i++) Assert.AreEqual(weights[i], warm[i], 1e-3);
        Assert.IsLessThanOrEqualTo(history.Epochs[^1].TrainingLoss * 1.01, warmHistory.Epochs[0].TrainingLoss);
        Assert.IsLessThan(history.Epochs[0].TrainingLoss * 0.9, warmHistory.Epochs[0].TrainingLoss);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Sparse_rows_give_the_model_of_dense_ones(TaskCase task)
    {
        // The four features stand apart among 600, the others of which are zero.
        var points = TaskCase.Points(400).ToArray();
        var indices = new[] { 3, 170, 401, 599 };
        IDataView Wide(bool isSparse) => _mlContext.Data.LoadFromEnumerable(points.Select(point => new WideRow
        {
            Number = point.Number,
            Truth = point.Truth,
            Class = point.Class,
            Features = isSparse ? new VBuffer<float>(600, 4, point.Features, indices) : new VBuffer<float>(600, Dense(point.Features)),
        }));
        float[] Dense(float[] values)
        {
            var dense = new float[600];
            for (var i = 0; i < 4; i++) dense[indices[i]] = values[i];
            return dense;
        }

        // As the features come: sparse rows are not centred, and so are not trained on as dense ones are.
        void Configure(LinearTrainerOptions options) => (options.Standardize, options.NumberOfEpochs, options.Shuffle, options.Optimizer) =
            (false, 4, false, Optimizer.Sgd(0.9, weightDecay: 0.01));
        float[] Train(bool isSparse) => task.Fit(_mlContext, Wide(isSparse), Configure).Weights;
        var (dense, sparse) = (Train(false), Train(true));
        for (var i = 0; i < dense.Length; i++) Assert.AreEqual(dense[i], sparse[i], 1e-5, $"weight {i}");
        var narrow = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 400), Configure).Weights;
        Assert.AreEqual(narrow[0], sparse[3], 1e-5);
        Assert.AreEqual(0f, sparse[4]);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_million_sparse_features_are_trained_on_without_a_dense_block(TaskCase task)
    {
        // A row has its four features somewhere among a million: as a dense block 300 rows would be 1.2 GB.
        var rows = TaskCase.Points(300).Select((point, row) => new WideRow
        {
            Number = point.Number,
            Truth = point.Truth,
            Class = point.Class,
            Features = new VBuffer<float>(1_000_000, 4, point.Features, [10, 300_000 + row, 600_000, 999_999]),
        }).ToArray();
        var definition = SchemaDefinition.Create(typeof(WideRow));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1_000_000);
        var data = _mlContext.Data.LoadFromEnumerable(rows, definition);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (_, weights, history) = task.Fit(_mlContext, data, options => (options.NumberOfEpochs, options.BatchSize) = (2, 50));
        // A few copies of the weights of each output, 4 MB each.
        Assert.IsLessThan(200_000_000L, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreNotEqual(0f, weights[10]);
        Assert.AreEqual(0f, weights[11]);
        Assert.IsLessThan(history.Epochs[0].TrainingLoss, history.Epochs[1].TrainingLoss);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void An_L1_penalty_leaves_weights_at_exactly_zero(TaskCase task)
    {
        // All rows in one minibatch: the noise of small ones moves a weight away from zero again.
        void Configure(LinearTrainerOptions options) =>
            (options.BatchSize, options.NumberOfEpochs, options.LearningRate) = (1000, 200, 0.2);
        var (_, weights, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 1000), options =>
        {
            Configure(options);
            options.L1Regularization = 0.05;
        });
        var (_, free, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 1000), Configure);
        // The fourth feature tells nothing.
        Assert.AreEqual(0f, weights[3]);
        Assert.AreNotEqual(0f, free[3]);
        Assert.IsGreaterThan(0.1f, weights.Max(Math.Abs));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_bias_has_a_schedule_of_its_own(TaskCase task)
    {
        var (weightSchedule, biasSchedule) =
            (LrSchedule.StepLR(2, 0.5), LrSchedule.ExponentialLR(0.9) with { Interval = ScheduleInterval.Batch });
        var (_, _, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options =>
        {
            (options.NumberOfEpochs, options.BatchSize, options.BiasLearningRate) = (6, 25, 0.2);
            (options.LearningRateSchedule, options.BiasLearningRateSchedule) = (weightSchedule, biasSchedule);
        });
        foreach (var epoch in history.Epochs)
            for (var batch = 0; batch < 4; batch++)
            {
                Assert.AreEqual(0.05 * Math.Pow(0.5, (epoch.Epoch - 1) / 2), epoch.BatchLearningRates[2 * batch], 1e-15);
                Assert.AreEqual(0.2 * Math.Pow(0.9, 4 * (epoch.Epoch - 1) + batch), epoch.BatchLearningRates[2 * batch + 1], 1e-15);
            }

        // A schedule of the bias alone leaves the weights that of the default, which falls in a straight line over all minibatches; one
        // that watches a metric is told of it.
        (_, _, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options =>
        {
            (options.NumberOfEpochs, options.MonitoredMetric) = (4, Metric.TrainingLoss);
            options.BiasLearningRateSchedule = LrSchedule.ReduceLROnPlateau(
                factor: 0.5, patience: 0, threshold: 1e9, thresholdMode: ThresholdMode.Abs);
        });
        foreach (var epoch in history.Epochs)
            Assert.AreEqual(0.05 * (1 - (4 * epoch.Epoch - 1) / 16.0), epoch.LearningRates[0], 1e-15, $"epoch {epoch.Epoch}");
        CollectionAssert.AreEqual(new[] { 0.05, 0.05, 0.025, 0.0125 }, history.Epochs.Select(epoch => epoch.LearningRates[1]).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Early_stopping_ends_with_the_best_weights_and_says_so(TaskCase task)
    {
        var validation = TaskCase.Rows(_mlContext, 100, seed: 6);
        // A rate that grows: the loss falls first, then rises.
        void Configure(LinearTrainerOptions options)
        {
            (options.NumberOfEpochs, options.LearningRateSchedule) = (60, LrSchedule.ExponentialLR(1.3));
            options.EarlyStopping = new EarlyStopping { Patience = 3 };
        }

        var (_, weights, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), Configure, validation);
        Assert.AreEqual(StopReason.EarlyStopped, history.StopReason);
        var losses = history.Epochs.Select(epoch => epoch[Metric.ValidationLoss]!.Value).ToArray();
        var best = Array.IndexOf(losses, losses.Min()) + 1;
        Assert.AreEqual((best, best + 3), (history.BestEpoch, history.Epochs.Count));
        var (_, short_, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), options =>
        {
            Configure(options);
            options.NumberOfEpochs = best;
        }, validation);
        CollectionAssert.AreEqual(short_, weights);
        var (_, last, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), options =>
        {
            Configure(options);
            options.EarlyStopping = options.EarlyStopping! with { RestoreBestWeights = false };
        }, validation);
        CollectionAssert.AreNotEqual(weights, last);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Each_metric_can_be_watched_and_others_are_refused(TaskCase task)
    {
        foreach (var metric in Enum.GetValues<Metric>())
        {
            void Configure(LinearTrainerOptions options)
            {
                options.NumberOfEpochs = 3;
                options.LearningRateSchedule = LrSchedule.ReduceLROnPlateau(metric: metric);
                options.EarlyStopping = new EarlyStopping { Metric = metric };
            }

            if (task.Metrics.Contains(metric) || metric is Metric.TrainingLoss or Metric.ValidationLoss)
            {
                var history = task.Fit(
                    _mlContext, TaskCase.Rows(_mlContext, 200), Configure, TaskCase.Rows(_mlContext, 100, seed: 6)).History;
                Assert.IsNotNull(history.Epochs[2][metric], $"{metric}");
                continue;
            }

            var error = Assert.ThrowsExactly<ArgumentException>(() => task.Trainer(_mlContext, Configure));
            StringAssert.StartsWith(error.Message,
                $"ReduceLROnPlateau watches {metric}, which is not measured here: it must be one of TrainingLoss, ValidationLoss, ");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_log_has_a_line_an_epoch_and_a_warning_of_uneven_features(TaskCase task)
    {
        var log = new List<(ChannelKind Kind, string Message)>();
        _mlContext.Log += (_, e) =>
            log.Add((e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning ? ChannelKind.Warning : ChannelKind.Other, e.Message));
        task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options =>
        {
            (options.NumberOfEpochs, options.ValidationFraction) = (3, 0.2);
            options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
        });
        var lines = log.Where(entry => entry.Message.Contains(": rate ", StringComparison.Ordinal))
            .Select(entry => entry.Message).ToArray();
        Assert.HasCount(3, lines);
        StringAssert.Contains(lines[1], "epoch 2/3: rate 0.05, loss ");
        StringAssert.Contains(lines[1], ", validation ");
        // Three epochs are too few, which is all that there is to warn of.
        StringAssert.Contains(log.Single(entry => entry.Kind == ChannelKind.Warning).Message,
            "% in the last epoch: a larger NumberOfEpochs than 3 may give a better model.");
        log.Clear();
        task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options => options.NumberOfEpochs = 200);
        Assert.IsFalse(log.Any(entry => entry.Kind == ChannelKind.Warning), "enough epochs");

        var points = TaskCase.Points(100).ToArray();
        foreach (var point in points) point.Features[1] *= 1000;
        foreach (var standardize in new[] { true, false })
        {
            var pipeline = _mlContext.Transforms.NormalizeMinMax("Other", "Features").Append(task.Trainer(_mlContext, options =>
                (options.Standardize, options.NumberOfEpochs, options.LearningRate) = (standardize, 1, 1e-9)));
            pipeline.Fit(_mlContext.Data.LoadFromEnumerable(points));
            // Where features are brought to one scale there is nothing to warn of.
            if (standardize) Assert.IsFalse(log.Any(entry => entry.Kind == ChannelKind.Warning));
        }

        StringAssert.Contains(
            log.Single(entry => entry.Kind == ChannelKind.Warning).Message,
            "put NormalizeMeanVariance(\"Features\", fixZero: false) before the trainer");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_meter_has_loss_rate_and_rows_a_second(TaskCase task)
    {
        var values = new List<(string Name, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "Microsoft.ML.LrScheduling") l.EnableMeasurementEvents(instrument);
            },
        };
        var thread = Environment.CurrentManagedThreadId;
        void Add<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            // Other tests train at the same time, on threads of theirs.
            if (Environment.CurrentManagedThreadId != thread) return;
            var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
            values.Add((instrument.Name, number, string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        }

        listener.SetMeasurementEventCallback<double>(Add);
        listener.SetMeasurementEventCallback<long>(Add);
        listener.Start();
        var (_, _, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options =>
        {
            (options.NumberOfEpochs, options.ValidationFraction) = (2, 0.2);
            options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
        });
        CollectionAssert.AreEqual(history.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(),
            values.Where(v => v.Name == "lrscheduling.training.loss").Select(v => v.Value).ToArray());
        CollectionAssert.AreEqual(new[] { 0.05, 0.05 }, values.Where(v => v.Name == "lrscheduling.training.learning_rate"
            && v.Tags.EndsWith("group=bias", StringComparison.Ordinal)).Select(v => v.Value).ToArray());
        Assert.AreEqual(160, values.Where(v => v.Name == "lrscheduling.training.rows").Sum(v => v.Value));
        Assert.IsTrue(values.Where(v => v.Name == "lrscheduling.training.throughput").All(v => v.Value > 0));
        Assert.IsTrue(values.Any(v => v.Name == "lrscheduling.validation.loss"));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_delegate_in_a_schedule_does_not_keep_a_model_from_being_saved(TaskCase task)
    {
        var (transformer, _, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 50), options =>
            (options.LearningRateSchedule, options.NumberOfEpochs) = (LrSchedule.LambdaLR(epoch => 1.0 / (1 + epoch)), 2));
        using var file = new MemoryStream();
        _mlContext.Model.Save(transformer, TaskCase.Rows(_mlContext, 1).Schema, file);
        file.Position = 0;
        var history = TrainingHistory.Load(file);
        Assert.IsNull(history.Schedule);
        Assert.AreEqual("LambdaLR(lrLambda: delegate)", history.ScheduleText);
    }

    private enum ChannelKind
    {
        Other,
        Warning,
    }

    private double Quality(TaskCase task, IDataView scored) => task.Label switch
    {
        "Number" => _mlContext.Regression.Evaluate(scored, "Number").RSquared,
        "Truth" => _mlContext.BinaryClassification.Evaluate(scored, "Truth").Accuracy,
        _ => _mlContext.MulticlassClassification.Evaluate(scored, "Class").MicroAccuracy + 0.1,
    };

    private static float[] Scores(IDataView scored) => scored.Schema["Score"].Type is VectorDataViewType
        ? [.. scored.GetColumn<float[]>("Score").SelectMany(row => row)]
        : [.. scored.GetColumn<float>("Score")];

    private sealed class WideRow
    {
        public float Number { get; set; }

        public bool Truth { get; set; }

        [KeyType(3)]
        public uint Class { get; set; }

        [VectorType(600)]
        public VBuffer<float> Features { get; set; }
    }
}
