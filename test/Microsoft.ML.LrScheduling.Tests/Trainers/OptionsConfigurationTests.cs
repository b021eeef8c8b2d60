using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Options from a configuration, and what of them must come through JSON.</summary>
[TestClass]
public sealed class OptionsConfigurationTests
{
    [TestMethod]
    public void A_section_reads_as_the_JSON_that_options_write()
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "2023",
            Optimizer = Optimizer.Adam(beta1: 0.8, amsGrad: true),
            Loss = RegressionLoss.Huber(delta: 2.5),
            LearningRate = 1e-3,
            LearningRateSchedule = LrSchedule.SequentialLR(
                [LrSchedule.LinearLR(0.1, totalIters: 3), LrSchedule.LambdaLR("0.95 ** epoch"), LrSchedule.ReduceLROnPlateau()], [3, 20]),
            BiasLearningRateSchedule = LrSchedule.MultiStepLR([30, 80], gamma: 0.5),
            EarlyStopping = new EarlyStopping { Metric = Metric.RSquared, Patience = 7, RestoreBestWeights = false },
            GradientClipping = new GradientClipping { MaximumNorm = 3 },
            Averaging = new WeightAveraging { StartEpoch = 2 },
            Checkpoints = new Checkpoints { Folder = "2024", EveryEpochs = null, Every = TimeSpan.FromMinutes(3) },
            ValidationFraction = 0.25,
            Shuffle = false,
            Seed = 3,
        };
        var read = TorchLinearRegressionTrainer.Options.FromConfiguration(Section(options.ToJson()));
        Assert.AreEqual(options.ToJson(), read.ToJson());
        var shouted = TorchLinearRegressionTrainer.Options.FromConfiguration(Section("""
            { "OPTIMIZER": { "TYPE": "ADAM", "BETA1": 0.8 }, "LearningRate": "0.5", "shuffle": "False" }
            """));
        Assert.AreEqual(Optimizer.Adam(beta1: 0.8), shouted.Optimizer);
        Assert.AreEqual((0.5, false), (shouted.LearningRate!.Value, shouted.Shuffle));
    }

    [TestMethod]
    public void Short_forms_say_the_same_to_us_and_to_the_binder()
    {
        var section = Section("""
            { "Optimizer": "adam", "Loss": "Huber", "Checkpoints": "ck", "LearningRateSchedule": "StepLR(stepSize: 30)", "BatchSize": 64 }
            """);
        var bound = section.Get<TorchLinearRegressionTrainer.Options>()!;
        var read = TorchLinearRegressionTrainer.Options.FromConfiguration(section);
        Assert.AreEqual(read.ToJson(), bound.ToJson());
        Assert.AreEqual(Optimizer.Adam(), read.Optimizer);
        Assert.AreEqual(RegressionLoss.Huber(), read.Loss);
        Assert.AreEqual(new Checkpoints { Folder = "ck" }, read.Checkpoints);
        Assert.AreEqual(BinaryLoss.Hinge(), TorchLogisticRegressionTrainer.Options.FromConfiguration(Section("""{"Loss":"hinge"}""")).Loss);
        Assert.AreEqual(
            MulticlassLoss.CrossEntropy(),
            TorchMaximumEntropyTrainer.Options.FromConfiguration(Section("""{"Loss":"CrossEntropy"}""")).Loss);
    }

    [TestMethod]
    [DataRow("""{ "Optimizer": "Adm" }""", "Adm")]
    [DataRow("""{ "Optimizer": { "type": "Adm" } }""", "Adm")]
    [DataRow("""{ "Optimizer": { "beta1": 0.9 } }""", "optimizer")]
    [DataRow("""{ "Optimizer": { "type": "Adam", "beta3": 0.9 } }""", "beta3")]
    [DataRow("""{ "EarlyStopping": "x" }""", "earlyStopping")]
    [DataRow("""{ "Checkpoints": { "Keep": 3 } }""", "folder")]
    [DataRow("""{ "BatchSize": "many" }""", "batchSize")]
    [DataRow("""{ "LearningRates": 0.1 }""", "learningRates")]
    [DataRow("""{ "LearningRateSchedule": "StepLR(stepSize: 0)" }""", "stepSize")]
    [DataRow("""{ "LearningRateSchedule": { "type": "StepLR", "stepSize": "x" } }""", "stepSize")]
    public void What_a_section_says_that_no_option_has_is_refused(string json, string named)
    {
        var refused = Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromConfiguration(Section(json)));
        StringAssert.Contains(refused.Message, named);
    }

    [TestMethod]
    [DataRow("""{ "type": "StepLR", "stepSize": "3", "gamma": "0,5" }""", "gamma must be a number. Received: \"0,5\"")]
    [DataRow("""{ "type": "StepLR", "stepSize": "3,0" }""", "stepSize must be a whole number")]
    [DataRow("""{ "type": "PiecewiseLR", "milestones": [3], "factors": ["1", "0,5"] }""", "factors must be an array, each a number")]
    [DataRow("""{ "type": "StepLR", "stepSize": "3", "gamma": ".5" }""", "gamma must be a number. Received: \".5\"")]
    public void A_number_of_a_schedule_is_one_of_JSON(string schedule, string message) => StringAssert.Contains(
        Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromConfiguration(
            Section($$"""{ "LearningRateSchedule": {{schedule}} }"""))).Message, message);

    [TestMethod]
    [DataRow("""{ "type": "CosineAnnealingLR", "tMax": 1.0 }""")]
    [DataRow("""{ "type": "CosineAnnealingLR", "tMax": "1.0" }""")]
    [DataRow("""{ "type": "CosineAnnealingLR", "tMax": 1 }""")]
    [DataRow("""{ "type": "MultiStepLR", "milestones": [0.5, 1.0] }""")]
    [DataRow("""{ "type": "SequentialLR", "schedules": [{ "type": "ConstantLR" }, { "type": "ConstantLR" }], "milestones": [1.0] }""")]
    [DataRow("""{ "type": "LambdaLR", "lrLambda": "1" }""")]
    [DataRow("""{ "type": "LambdaLR", "lrLambda": ["1", "0.5"] }""")]
    [DataRow("""{ "type": "StepLR", "step_size": 3 }""")]
    public void A_schedule_of_a_section_is_that_of_the_same_JSON(string schedule)
    {
        var json = schedule.Replace("\"1.0\"", "1.0", StringComparison.Ordinal);
        Assert.AreEqual(
            LrSchedule.FromJson(json),
            TorchLinearRegressionTrainer.Options.FromConfiguration(
                Section($$"""{ "LearningRateSchedule": {{schedule}} }""")).LearningRateSchedule);
    }

    [TestMethod]
    public void Names_within_a_schedule_are_in_any_case() => Assert.AreEqual(
        LrSchedule.ChainedScheduler([LrSchedule.StepLR(3, gamma: 0.5)]),
        TorchLinearRegressionTrainer.Options.FromConfiguration(Section("""
            { "LEARNINGRATESCHEDULE": { "TYPE": "chainedscheduler", "SCHEDULES": [{ "TYPE": "STEPLR", "STEPSIZE": 3, "GAMMA": 0.5 }] } }
            """)).LearningRateSchedule);

    [TestMethod]
    [DataRow("Optimizer:type", "Adam", "Optimizer", "Sgd")]
    [DataRow("Optimizer", "Sgd", "Optimizer:type", "Adam")]
    [DataRow("Checkpoints:Folder", "a", "Checkpoints", "b")]
    [DataRow("LearningRateSchedule:type", "ConstantLR", "LearningRateSchedule", "StepLR(3)")]
    [DataRow("BatchSize", "3", "BatchSize:0", "4")]
    [DataRow("LearningRateSchedule:gamma:0", "3", "LearningRateSchedule:gamma", "4")]
    public void A_value_beside_members_is_refused_whichever_came_first(string first, string value, string then, string other)
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Trainer:" + first, value)]).AddInMemoryCollection([new("Trainer:" + then, other)])
            .Build().GetSection("Trainer");
        StringAssert.Contains(
            Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromConfiguration(section)).Message,
            " must be a value, or have members. Received: both");
    }

    [TestMethod]
    [DataRow("""{ "EarlyStopping": {} }""", "$.earlyStopping must have members")]
    [DataRow("""{ "Optimizer": null }""", "$.optimizer must be a value, or have members. Received: neither")]
    [DataRow("""{ "Optimizer": {} }""", "$.optimizer must be a value, or have members. Received: neither")]
    [DataRow("""{ "LearningRateSchedule": {} }""", "$.learningRateSchedule must be a value, or have members. Received: neither")]
    [DataRow("""{ "Progress": "x" }""", "$ must have members of known names: ")]
    [DataRow("""{ "CancellationToken": "x" }""", "$ must have members of known names: ")]
    [DataRow("""{ "LabelColumnName": null }""", "$.labelColumnName must be text. Received: null")]
    [DataRow("\"Adam\"", "The section Trainer must have members, which are options. Received: \"Adam\"")]
    [DataRow("{}", "The section Trainer does not exist, or has no members")]
    public void What_would_be_left_out_is_refused(string json, string message) => StringAssert.StartsWith(
        Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromConfiguration(Section(json))).Message, message);

    [TestMethod]
    public void A_section_that_is_not_there_is_refused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Trainer:BatchSize", "3")]).Build();
        StringAssert.StartsWith(
            Assert.ThrowsExactly<JsonException>(() =>
                TorchLinearRegressionTrainer.Options.FromConfiguration(configuration.GetSection("Trainr"))).Message,
            "The section Trainr does not exist, or has no members");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<JsonException>(() =>
                TorchLinearRegressionTrainer.Options.FromConfiguration(new ConfigurationBuilder().Build())).Message,
            "The configuration must have members");
    }

    [TestMethod]
    [DataRow("""{ "Optimizer": "Adm" }""")]
    [DataRow("""{ "Loss": "Hubert" }""")]
    [DataRow("""{ "EarlyStopping": "x" }""")]
    [DataRow("""{ "GradientClipping": "1" }""")]
    public void The_binder_refuses_text_that_names_nothing(string json) =>
        Assert.ThrowsExactly<InvalidOperationException>(() => Section(json).Get<TorchLinearRegressionTrainer.Options>());

    [TestMethod]
    public void Bound_checkpoints_without_a_folder_are_refused_by_the_trainer()
    {
        var options = Section("""{ "Checkpoints": { "Keep": 3 } }""").Get<TorchLinearRegressionTrainer.Options>()!;
        if (options.Checkpoints is null) return;
        StringAssert.Contains(
            Assert.Throws<ArgumentException>(() => new MLContext().Regression.Trainers.TorchLinearRegression(options)).Message,
            "Checkpoints.Folder must be a path");
    }

    [TestMethod]
    public void Null_comes_back_from_JSON_where_it_is_not_the_default()
    {
        var checkpoints = new Checkpoints { Folder = "ck", EveryEpochs = null };
        var json = new TorchLinearRegressionTrainer.Options { Checkpoints = checkpoints }.ToJson();
        Assert.AreEqual(checkpoints, TorchLinearRegressionTrainer.Options.FromJson(json).Checkpoints);

        // Any other such option is to be thought of as well.
        Type[] types =
        [
            typeof(TorchLinearRegressionTrainer.Options), typeof(TorchLogisticRegressionTrainer.Options),
            typeof(TorchMaximumEntropyTrainer.Options), typeof(Checkpoints), typeof(EarlyStopping), typeof(GradientClipping), typeof(Sgd),
            typeof(Adam), typeof(AdamW), typeof(RmsProp), typeof(Adagrad), typeof(HuberLoss), typeof(QuantileLoss),
        ];
        var nullability = new NullabilityInfoContext();
        var found = from type in types
                    let made = Activator.CreateInstance(type)
                    from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    where property.CanWrite && nullability.Create(property).WriteState == NullabilityState.Nullable
                        && property.GetValue(made) is not null
                    select $"{type.Name}.{property.Name}";
        Assert.AreEqual("Checkpoints.EveryEpochs", string.Join(", ", found));
    }

    [TestMethod]
    [DataRow("""{ "batchSize": 1, "batchSize": 2 }""")]
    [DataRow("""{ "optimizer": { "type": "Adam", "beta1": 0.5, "beta1": 0.6 } }""")]
    public void A_name_that_is_given_twice_is_refused(string json) =>
        Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromJson(json));

    [TestMethod]
    public void A_device_with_a_line_break_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new MLContext().Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options { Device = "cpu\n" }));

    [TestMethod]
    public void Options_that_another_thread_changes_are_kept_as_they_were_checked()
    {
        var options = new TorchLinearRegressionTrainer.Options();
        using var stop = new CancellationTokenSource();
        var other = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) (options.BatchSize, options.BatchSize) = (-1, 32);
        });
        for (var i = 0; i < 3000; i++)
        {
            try
            {
                Assert.AreEqual(32, options.CheckedCopy().BatchSize);
            }
            catch (ArgumentOutOfRangeException)
            {
                // As it happened to be.
            }
        }

        stop.Cancel();
        other.Wait();
    }

    private static IConfigurationSection Section(string json) => new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Trainer": {{json}} }"""))).Build().GetSection("Trainer");
}
