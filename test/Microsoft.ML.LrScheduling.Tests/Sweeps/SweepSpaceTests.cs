using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

[TestClass]
public sealed class SweepSpaceTests
{
    private const string Json = """
        {
          "learningRate": { "$logRange": [1e-4, 1] },
          "batchSize": { "$choice": [32, 256] },
          "learningRateSchedule": { "$choice": [
            null,
            { "type": "StepLR", "stepSize": { "$integers": [2, 10] }, "gamma": { "$range": [0.1, 0.9] } }
          ] }
        }
        """;

    [TestMethod]
    public void A_grid_has_every_combination_once_also_where_one_choice_leads_to_others()
    {
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LearningRateSchedule = draw.Choice("schedule", "none", "step") == "step"
                ? LrSchedule.StepLR(draw.Integer("size", 1, 3), draw.Choice("gamma", 0.1, 0.5)) : null,
            LearningRate = draw.LogRange("rate", 0.01, 1),
        });
        var trials = SweepStrategy.Grid(points: 3).Lots(space, 0).Single().Trials.ToArray();
        // (none + 3 sizes · 2 gammas) · 3 rates.
        Assert.AreEqual(21, trials.Length);
        Assert.AreEqual(21, trials.Select(trial => string.Join(' ', trial.Hyperparameters.Select(drawn => drawn.Text))).Distinct().Count());
        CollectionAssert.AreEqual(Enumerable.Range(0, 21).ToArray(), trials.Select(trial => trial.Number).ToArray());
        foreach (var (expected, actual) in new[] { 0.01, 0.1, 1 }.Zip(trials.Take(3)))
            Assert.AreEqual(expected, actual.Options!.LearningRate!.Value, 1e-15);
    }

    [TestMethod]
    public void Draws_are_within_their_bounds_and_follow_from_seed_and_number() => Draws.Hold(
        Prop.ForAll(ArbMap.Default.ArbFor<(int Seed, ushort Trial, int A, int B, NormalFloat X, NormalFloat Y)>(), input =>
        {
            var (low, high) = (Math.Min(input.A, input.B), Math.Max(input.A, input.B));
            var (least, most) = (Math.Min(input.X.Item, input.Y.Item), Math.Max(input.X.Item, input.Y.Item));
            if (least == most || !double.IsFinite(most - least)) return true;
            var (small, large) = (1 + (low & int.MaxValue) / 2, 1 + (low & int.MaxValue) / 2 + input.Trial);
            (int, double, double, char, int) Draw()
            {
                var draw = new RandomDraw(input.Seed, input.Trial);
                return (draw.Integer("i", low, high), draw.Range("x", least, most), draw.LogRange("y", 1e-9, 1e9),
                    draw.Choice("c", 'a', 'b', 'c'), draw.LogInteger("j", small, large));
            }

            var (i, x, y, _, j) = Draw();
            return i >= low
                && i <= high && j >= small && j <= large && x >= least && x <= most && y is >= 1e-9 and <= 1e9 && Draw() == Draw();
        }));

    [TestMethod]
    public void Bounds_whose_distance_or_ratio_is_no_number_are_drawn_between()
    {
        var draws = Enumerable.Range(0, 300).Select(trial => new RandomDraw(seed: 1, trial))
            .Select(draw => (Range: draw.Range("x", -1e308, 1e308), Log: draw.LogRange("y", 1e-320, 1e308))).ToArray();
        foreach (var (range, log) in draws)
        {
            Assert.IsInRange(-1e308, 1e308, range);
            Assert.IsInRange(1e-320, 1e308, log);
        }

        // A share of half has a standard deviation of 0.5 / √300 = 0.029.
        Assert.AreEqual(0.5, draws.Count(draw => draw.Range < 0) / 300.0, 0.12);
        Assert.AreEqual(0.5, draws.Count(draw => draw.Log < 1e-6) / 300.0, 0.12);
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(
            """{ "learningRate": { "$logRange": [1e-320, 1e308] } }""");
        var ends = SweepStrategy.Grid(3).Lots(space, 0).Single().Trials.Select(trial => trial.Options!.LearningRate).ToArray();
        Assert.AreEqual(1e-320, ends[0]);
        Assert.AreEqual(1e308, ends[2]);
    }

    [TestMethod]
    public void Values_of_a_choice_whose_texts_are_alike_are_each_drawn_and_told_apart()
    {
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>("""
            { "labelColumnName": { "$choice": ["1", "none", "null", "true", "\"1\"", "a"] },
              "exampleWeightColumnName": { "$choice": ["none", null] }, "batchSize": { "$choice": [16, 32] } }
            """);
        var trials = SweepStrategy.Grid().Lots(space, 0).Single().Trials.ToArray();
        Assert.HasCount(24, trials.Select(trial => trial.Options!.ToJson()).Distinct());
        Assert.HasCount(24, trials.Select(trial => string.Join(' ', trial.Hyperparameters)).Distinct());
        CollectionAssert.AreEqual(
            new[] { "\"none\"", "none" },
            trials.Select(trial => trial.Hyperparameters[1].Text).Distinct().ToArray());
        Assert.AreEqual(new Hyperparameter("batchSize", "32", 32), trials[^1].Hyperparameters[2]);
    }

    [TestMethod]
    public void A_choice_of_a_million_values_takes_as_long_as_its_text()
    {
        var json =
            $$"""{ "labelColumnName": "Price", "batchSize": { "$choice": [{{string.Join(',', Enumerable.Range(1, 1_000_000))}}] } }""";
        var before = GC.GetAllocatedBytesForCurrentThread();
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(json);
        var trials = SweepStrategy.Random(64).Lots(space, 0).Single().Trials.ToArray();
        Assert.IsGreaterThan(500_000, trials.Max(trial => trial.Options!.BatchSize));
        Assert.IsLessThan(256L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Draws_are_spread_evenly()
    {
        var draws = Enumerable.Range(0, 3000).Select(trial => new RandomDraw(seed: 1, trial))
            .Select(draw => (draw.LogRange("y", 1e-3, 1e3), draw.Integer("i", 1, 3))).ToArray();
        // A share of half has a standard deviation of 0.5 / √3000 = 0.009, one of a third 0.0086.
        Assert.AreEqual(0.5, draws.Count(draw => draw.Item1 < 1) / 3000.0, 0.045);
        for (var i = 1; i <= 3; i++) Assert.AreEqual(1 / 3.0, draws.Count(draw => draw.Item2 == i) / 3000.0, 0.043);
    }

    [TestMethod]
    public void Json_is_the_same_space()
    {
        var (code, json) = (SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LearningRate = draw.LogRange("learningRate", 1e-4, 1),
            BatchSize = draw.Choice("batchSize", 32, 256),
            LearningRateSchedule = draw.Choice("learningRateSchedule", "none", "step") == "none"
                ? null
                : LrSchedule.StepLR(
                    draw.Integer("learningRateSchedule.stepSize", 2, 10), draw.Range("learningRateSchedule.gamma", 0.1, 0.9)),
        }), SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(Json));
        foreach (var strategy in new[] { SweepStrategy.Random(40), SweepStrategy.Grid(3) })
            CollectionAssert.AreEqual(
                strategy.Lots(code, 7).SelectMany(lot => lot.Trials).Select(trial => trial.Options!.ToJson()).ToArray(),
                strategy.Lots(json, 7).SelectMany(lot => lot.Trials).Select(trial => trial.Options!.ToJson()).ToArray());
        CollectionAssert.AreEqual(
            new[] { "learningRate", "batchSize", "learningRateSchedule", "learningRateSchedule.stepSize", "learningRateSchedule.gamma" },
            SweepStrategy.Grid(2).Lots(json, 0).Single().Trials.Last().Hyperparameters.Select(drawn => drawn.Name).ToArray());
    }

    [TestMethod]
    public void A_grid_of_sizes_has_each_once()
    {
        int[] Values(int least, int most, int points) =>
        [
            .. SweepStrategy.Grid(points).Lots(
                SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options { BatchSize = draw.LogInteger("size", least, most) }), 0)
                .Single().Trials.Select(trial => trial.Options!.BatchSize),
        ];
        CollectionAssert.AreEqual(new[] { 16, 32, 64, 128, 256 }, Values(16, 256, 5));
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, Values(1, 3, 9));
        CollectionAssert.AreEqual(new[] { 8 }, Values(4, 16, 1));
    }

    [TestMethod]
    public void Attributes_are_the_same_space()
    {
        var (code, attributes) = (SweepSpace.Of(draw =>
        {
            var options = new TorchLinearRegressionTrainer.Options
            {
                LearningRate = draw.LogRange("rate", 1e-3, 1),
                BatchSize = draw.LogInteger("batchSize", 16, 256),
                NumberOfEpochs = draw.Integer("epochs", 5, 9),
                Shuffle = draw.Choice("isShuffled", false, true),
                MonitoredMetric = draw.Choice("metric", Metric.RSquared, Metric.ValidationLoss),
            };
            var (kind, gamma) = (draw.Choice("schedule.kind", "none", "exponential"), draw.Range("schedule.gamma", 0.5, 0.9));
            options.LearningRateSchedule = kind == "none" ? null : LrSchedule.ExponentialLR((float)gamma);
            return options;
        }), SweepSpace.FromAttributes((Hyperparameters drawn) => new TorchLinearRegressionTrainer.Options
        {
            LearningRate = drawn.Rate,
            BatchSize = drawn.BatchSize,
            NumberOfEpochs = drawn.Epochs,
            Shuffle = drawn.IsShuffled,
            MonitoredMetric = drawn.Metric,
            LearningRateSchedule = drawn.Schedule.Kind == "none" ? null : LrSchedule.ExponentialLR(drawn.Schedule.Gamma),
        }));
        foreach (var strategy in new[] { SweepStrategy.Random(40), SweepStrategy.Grid(3) })
            CollectionAssert.AreEqual(
                strategy.Lots(code, 7).SelectMany(lot => lot.Trials)
                    .Select(trial => (trial.Options!.ToJson(), string.Join(' ', trial.Hyperparameters))).ToArray(),
                strategy.Lots(attributes, 7).SelectMany(lot => lot.Trials)
                    .Select(trial => (trial.Options!.ToJson(), string.Join(' ', trial.Hyperparameters))).ToArray());
    }

    [TestMethod]
    public void The_options_of_each_trainer_are_a_space_themselves()
    {
        Check<TorchLinearRegressionTrainer.Options>();
        Check<TorchLogisticRegressionTrainer.Options>();
        Check<TorchMaximumEntropyTrainer.Options>();

        static void Check<TOptions>()
            where TOptions : LinearTrainerOptions, new()
        {
            var trials = SweepStrategy.Random(50)
                .Lots(SweepSpace.FromAttributes((TOptions options) => options), 1).Single().Trials.ToArray();
            CollectionAssert.AreEqual(
                new[] { "learningRate", "l2Regularization" }, trials[0].Hyperparameters.Select(drawn => drawn.Name).ToArray());
            foreach (var trial in trials)
            {
                Assert.AreEqual(trial.Hyperparameters[0].Number, trial.Options!.LearningRate);
                Assert.IsInRange(1e-4, 1, trial.Options!.LearningRate!.Value);
                Assert.IsInRange(1e-8, 0.1, trial.Options!.L2Regularization!.Value);
                trial.Options!.CheckedCopy();
            }
        }
    }

    [TestMethod]
    public void What_AutoML_makes_of_drawn_values_are_options()
    {
        // Its Parameter.AsType serializes what was drawn, by the names of the properties, and reads the options from that.
        var settings = new JsonSerializerOptions { Converters = { new JsonStringEnumConverter() } };
        var options = JsonSerializer.Deserialize<TorchLogisticRegressionTrainer.Options>(
            """{ "LearningRate": 0.25, "L2Regularization": 0.001, "MonitoredMetric": "Accuracy" }""", settings)!;
        Assert.AreEqual((0.25, 0.001, Metric.Accuracy), (options.LearningRate, options.L2Regularization, options.MonitoredMetric));
        Assert.AreEqual(new TorchLogisticRegressionTrainer.Options().Optimizer, options.Optimizer);
    }

    [TestMethod]
    public void Attributes_that_make_no_space_are_refused()
    {
        static string Message<T>()
            where T : class, new() =>
            Assert.ThrowsExactly<ArgumentException>(
                () => SweepSpace.FromAttributes((T _) => new TorchLinearRegressionTrainer.Options())).Message;
        StringAssert.Contains(Message<object>(), "Object must have a property with [Range], [Choice]");
        StringAssert.Contains(Message<AField>(), "AField.Rate must be a property to be a hyperparameter. Received: a field");
        StringAssert.Contains(Message<NoSetter>(), "NoSetter.Rate must have a setter to be a hyperparameter. Received: none");
        StringAssert.Contains(Message<TwoAttributes>(), "TwoAttributes.Rate must have only one attribute with its values. Received: 2");
        StringAssert.Contains(Message<WrongType>(), "The property of epochs must be of a type that can be 7.5. Received: Int32");
        StringAssert.Contains(Message<WrongBounds>(), "The bounds of rate must be in (0, ∞)");
        StringAssert.Contains(Message<NothingToNest>(),
            "NothingToNest.Nested must have a value, or a type with a constructor without parameters. Received: Stream");
    }

    [TestMethod]
    public void Trials_of_the_users_own_come_in_their_order_and_no_earlier_than_they_are_trained()
    {
        var asked = 0;
        IEnumerable<TorchLinearRegressionTrainer.Options> Own()
        {
            for (; asked < 10; asked++)
                yield return new()
                {
                    LabelColumnName = "Price",
                    LearningRate = 0.1 * (asked + 1),
                    LearningRateSchedule = asked == 3 ? LrSchedule.StepLR(5) : null,
                };
        }

        var space = SweepSpace.Trials(Own());
        var first = space.DefaultStrategy.Lots(space, 0).Single().Trials.Take(4).ToArray();
        Assert.AreEqual(3, asked);
        CollectionAssert.AreEqual(
            new[] { 0.1, 0.2, 0.3, 0.4 }, first.Select(trial => Math.Round(trial.Options!.LearningRate!.Value, 9)).ToArray());
        Assert.AreEqual($"learningRate = 0.4, learningRateSchedule = {LrSchedule.StepLR(5)}",
            string.Join(", ", first[3].Hyperparameters.Select(drawn => $"{drawn.Name} = {drawn.Text}")));
        Assert.AreEqual(0.4, first[3].Hyperparameters[0].Number);
        // What has been asked for is not asked for again.
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).ToArray(),
            SweepStrategy.Grid().Lots(space, 0).Single().Trials.Select(trial => trial.Number).ToArray());
        Assert.AreEqual(10, asked);
        // Brackets of 9, 5 and 3 trials, as long as there are some.
        CollectionAssert.AreEqual(
            new[] { 9, 1, 0 },
            SweepStrategy.Hyperband(9).Lots(SweepSpace.Trials(Enumerable.Repeat(new TorchLinearRegressionTrainer.Options(), 10)), 0)
                .Select(lot => lot.Trials.Count()).ToArray());
    }

    [TestMethod]
    [DataRow("$range")]
    [DataRow("$logRange")]
    public void A_range_up_to_all_of_the_run_ends_there_and_not_at_one_step(string range)
    {
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(
            $$"""{ "learningRateSchedule": { "type": "CosineAnnealingLR", "tMax": { "{{range}}": [0.5, 1.0] } } }""");
        CollectionAssert.AreEqual(
            new LrSchedule[] { LrSchedule.CosineAnnealingLR(tMax: 0.5), LrSchedule.CosineAnnealingLR(tMax: 1.0) },
            SweepStrategy.Grid(2).Lots(space, 0).Single().Trials.Select(trial => trial.Options!.LearningRateSchedule).ToArray());
    }

    [TestMethod]
    [DataRow("""{ "$range": [0, 1] }""", "$: a search space must be an object of options")]
    [DataRow("""{ "batchSize": { "$integers": [1, 2.5] } }""",
        "batchSize: $integers must have a list of two integers of 32 bits. Received: [1,2.5]")]
    [DataRow("""{ "batchSize": { "$logIntegers": [1, 1e300] } }""", "batchSize: $logIntegers must have a list of two integers of 32 bits")]
    [DataRow("""{ "batchSize": { "$logIntegers": [0, 8] } }""",
        "The bounds of batchSize must be at least 1, and in ascending order. Received: 0 and 8")]
    [DataRow("{", "")]
    [DataRow("[]", "must be an object")]
    [DataRow("""{ "learningRate": { "$rnage": [1, 2] } }""",
        "learningRate: a hyperparameter must be one of $range, $logRange, $integers, $logIntegers, $choice. Received: $rnage")]
    [DataRow("""{ "learningRate": { "$range": [1] } }""", "learningRate: $range must have a list of two numbers. Received: [1]")]
    [DataRow("""{ "learningRate": { "$range": [2, 1] } }""",
        "The bounds of learningRate must be finite, and the first below the second. Received: 2 and 1")]
    [DataRow("""{ "learningRate": { "$logRange": [0, 1] } }""", "The bounds of learningRate must be in (0, ∞)")]
    [DataRow("""{ "batchSize": { "$choice": [] } }""", "batchSize must have at least one value to choose from")]
    [DataRow("""{ "laerningRate": 1 }""", "laerningRate")]
    [DataRow("""{ "batchSize": 1, "batchSize": 2 }""", "batchSize")]
    [DataRow("""{ "optimizer": { "$choice": [1], "$choice": [2] } }""", "$choice")]
    [DataRow("""{ "labelColumnName": "\ud800" }""", "A text of the search space is not valid")]
    [DataRow("""{ "labelColumnName": { "$choice": ["a", "\ud800"] } }""", "A text of the search space is not valid")]
    [DataRow("""{ "\ud800": 1 }""", "A text of the search space is not valid")]
    public void Json_that_is_no_space_is_refused(string json, string message) => StringAssert.Contains(
        Assert.Throws<JsonException>(() => SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(json)).Message, message);

    private sealed class Hyperparameters
    {
        [Range(1e-3, 1.0, 0.01, logBase: true)]
        public double Rate { get; set; }

        [Range(16, 256, logBase: true)]
        public int BatchSize { get; set; }

        [Range(5, 9)]
        public short Epochs { get; set; }

        [BooleanChoice]
        public bool IsShuffled { get; set; }

        [Choice(Metric.RSquared, Metric.ValidationLoss)]
        public Metric Metric { get; set; }

        [NestOption]
        public Nested Schedule { get; set; } = null!;
    }

    private sealed class Nested
    {
        [Choice("none", "exponential")]
        public string Kind { get; set; } = "";

        [Range(0.5f, 0.9f)]
        public float Gamma { get; set; }

        public string Free { get; set; } = "";
    }

    private sealed class AField
    {
        [Range(0.1, 1.0)]
        public double Rate = 1;
    }

    private sealed class NoSetter
    {
        [Range(0.1, 1.0)]
        public double Rate { get; } = 1;
    }

    private sealed class TwoAttributes
    {
        [Range(0.1, 1.0)]
        [Choice(0.1, 1.0)]
        public double Rate { get; set; }
    }

    private sealed class WrongType
    {
        [Range(5.0, 10.0)]
        public int Epochs { get; set; }
    }

    private sealed class WrongBounds
    {
        [Range(0.0, 1.0, logBase: true)]
        public double Rate { get; set; }
    }

    private sealed class NothingToNest
    {
        [NestOption]
        public Stream Nested { get; set; } = null!;
    }
}
