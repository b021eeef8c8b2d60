using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>
/// The code in docs/trainers.md and docs/reliability.md stands here too, so that it compiles and does what the text says; its tables are
/// those of the code.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class TrainersDocument
{
    private static readonly string Text = File.ReadAllText(TestData.PathOf("trainers.md")).ReplaceLineEndings("\n");

    [TestMethod]
    public void All_code_in_the_document_is_here()
    {
        var here = Lines(File.ReadAllText(TestData.PathOf("TrainersDocument.cs.txt")));
        var blocks = Blocks(Text);
        Assert.HasCount(7, blocks);
        blocks = [.. blocks, .. Blocks(File.ReadAllText(TestData.PathOf("reliability.md")).ReplaceLineEndings("\n"))];
        Assert.HasCount(8, blocks);
        foreach (var block in blocks) StringAssert.Contains(here, Lines(block), block);

        static string[] Blocks(string text) =>
            [.. Regex.Matches(text, "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
    }

    [TestMethod]
    public void Weights_are_averaged()
    {
        var mlContext = new MLContext(seed: 1);
        var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", Seed = 1 };
        options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
        options.NumberOfEpochs = 40;
        options.Averaging = new WeightAveraging { StartEpoch = 20 };
        var averaged = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(TaskCase.Rows(mlContext, 100));
        options.Averaging = null;
        var last = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(TaskCase.Rows(mlContext, 100));
        Assert.AreNotEqual(last.Model.Weights[0], averaged.Model.Weights[0]);
        Assert.AreEqual(last.Model.Weights[0], averaged.Model.Weights[0], 0.1);
    }

    [TestMethod]
    public void Every_option_is_in_the_tables_with_its_default()
    {
        var rows = Regex.Matches(Text, @"^\| `(?<name>\w+)` \|.*\| (`(?<default>[^`]*)` )?\|$", RegexOptions.Multiline)
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["default"].Value);
        foreach (var options in new LinearTrainerOptions[] { new TorchLinearRegressionTrainer.Options(),
            new TorchLogisticRegressionTrainer.Options(), new TorchMaximumEntropyTrainer.Options() })
            foreach (var property in options.GetType()
                .GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.Name != "Loss"))
            {
                Assert.IsTrue(rows.TryGetValue(property.Name, out var text), $"{property.Name} is not in the tables");
                var value = property.GetValue(options) switch
                {
                    null => "null",
                    Optimizer optimizer => optimizer.GetType().Name,
                    CancellationToken => "",
                    var other => FormattableString.Invariant($"{other}"),
                };
                Assert.AreEqual(value, text, property.Name);
            }

        foreach (var loss in typeof(RegressionLoss).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Loss)) && !type.IsAbstract))
            StringAssert.Contains(Text, $"Loss.{loss.Name[..^"Loss".Length]}(");
        foreach (var optimizer in typeof(Optimizer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Optimizer)) && !type.IsAbstract))
        {
            StringAssert.Contains(Text, $"`Optimizer.{optimizer.Name}(");
        }
        foreach (var metric in Enum.GetNames<Metric>()) StringAssert.Contains(Text, $"`{metric}`");
    }

    [TestMethod]
    public void The_example_trains_saves_and_tells()
    {
        var folder = Directory.CreateTempSubdirectory();
        var (before, output) = (Directory.GetCurrentDirectory(), Console.Out);
        Directory.SetCurrentDirectory(folder.FullName);
        using var console = new StringWriter();
        Console.SetOut(console);
        try
        {
            File.Copy(TestData.PathOf("penguins.csv"), "penguins.csv");
            var mlContext = new MLContext(seed: 1);
            var penguins = mlContext.Data.LoadFromTextFile<Penguin>("penguins.csv", separatorChar: ',', hasHeader: true);
            var split = mlContext.Data.TrainTestSplit(penguins, testFraction: 0.2);

            var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label", "Species")
                .Append(mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(new TorchMaximumEntropyTrainer.Options
                {
                    LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.3, patience: 2).WithWarmup(steps: 3),
                    EarlyStopping = new EarlyStopping { Patience = 8 },
                    ValidationFraction = 0.2,
                }))
                .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedSpecies", "PredictedLabel"));

            var model = pipeline.Fit(split.TrainSet);
            var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
            Console.WriteLine($"accuracy {metrics.MicroAccuracy:F3}");
            mlContext.Model.Save(model, penguins.Schema, "penguins.zip");

            var history = TrainingHistory.Load("penguins.zip");
            Console.WriteLine($"{history.StopReason} after {history.Epochs.Count} epochs, best epoch {history.BestEpoch}");
            Console.WriteLine($"rate {history.Epochs[0].LearningRates[0]:G3} to {history.Epochs[^1].LearningRates[0]:G3}");

            using (var file = File.Create("penguins.onnx"))
                mlContext.Model.ConvertToOnnx(model, penguins, file, "Score", "PredictedSpecies");

            using var session = new InferenceSession("penguins.onnx");
            using var results = session.Run(
            [
                NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<float>(new[] { 39.1f, 18.7f, 181f, 3750f }, [1, 4])),
                NamedOnnxValue.CreateFromTensor("Species", new DenseTensor<string>(new[] { "" }, [1, 1])),
            ]);
            Console.WriteLine(results.Single(result => result.Name == "PredictedSpecies.output").AsTensor<string>().Single());

            var printed = console.ToString().ReplaceLineEndings("\n");
            StringAssert.EndsWith(printed, "\nAdelie\n");
            StringAssert.Contains(
                Text, string.Concat(printed.Split('\n')[..3].Select(line => $"    {line}\n")), $"docs/trainers.md must have\n{printed}");
        }
        finally
        {
            Console.SetOut(output);
            Directory.SetCurrentDirectory(before);
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void The_bias_has_a_rate_of_its_own()
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            LearningRate = 0.05,
            LearningRateSchedule = LrSchedule.StepLR(stepSize: 10, gamma: 0.1),
            BiasLearningRate = 0.2,
            BiasLearningRateSchedule = LrSchedule.ExponentialLR(gamma: 0.9),
        };
        (options.LabelColumnName, options.NumberOfEpochs) = ("Number", 20);
        var mlContext = new MLContext(seed: 1);
        var last = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(TaskCase.Rows(mlContext, 100)).History.Epochs[^1];
        Assert.AreEqual(0.005, last.LearningRates[0], 1e-15);
        Assert.AreEqual(0.2 * Math.Pow(0.9, 19), last.LearningRates[1], 1e-12);
    }

    [TestMethod]
    public void Checkpoints_are_options()
    {
        var options = new TorchLogisticRegressionTrainer.Options
        {
            Seed = 1,
            Checkpoints = new Checkpoints { Folder = "checkpoints", EveryEpochs = 5, Every = TimeSpan.FromMinutes(10), Keep = 2 },
        };
        Assert.AreEqual(options.Checkpoints, TorchLogisticRegressionTrainer.Options.FromJson(options.ToJson()).Checkpoints);
    }

    [TestMethod]
    public void Training_goes_on_from_another_model()
    {
        var mlContext = new MLContext(seed: 1);
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression("Number", numberOfEpochs: 10);
        var (monday, tuesday) = (TaskCase.Rows(mlContext, 200), TaskCase.Rows(mlContext, 200, seed: 6));
        var first = trainer.Fit(monday);
        var second = trainer.Fit(tuesday, validationData: null, initial: first.Model);
        Assert.IsLessThan(first.History.Epochs[0].TrainingLoss / 2, second.History.Epochs[0].TrainingLoss);
    }

    [TestMethod]
    public void Tools_of_MLNET_take_what_they_are_given()
    {
        var mlContext = new MLContext(seed: 1);
        var binaryTrainer = mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Truth");
        var renamed = mlContext.Transforms.CopyColumns("Label", "Truth")
            .Fit(TaskCase.Rows(mlContext, 200)).Transform(TaskCase.Rows(mlContext, 200));
        var transformer = binaryTrainer.Fit(renamed);
        var scored = transformer.Transform(renamed);
        var data = TaskCase.Rows(mlContext, 200);
        var chain = mlContext.Transforms.CopyColumns("Label", "Truth")
            .Append(mlContext.Transforms.Concatenate("Inputs", "Number", "Weight"))
            .Append(mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Truth", "Inputs")).Fit(data);
        var importance = mlContext.BinaryClassification.PermutationFeatureImportance(transformer, scored);
        var byName = mlContext.BinaryClassification.PermutationFeatureImportanceNonCalibrated(chain, chain.Transform(data));
        var contributions = mlContext.Transforms.CalculateFeatureContribution(transformer).Fit(scored).Transform(scored);
        var pairwise = mlContext.MulticlassClassification.Trainers.PairwiseCoupling(binaryTrainer);
        var oneVersusAll = mlContext.MulticlassClassification.Trainers.OneVersusAll(binaryTrainer.BuiltIn);
        var strict = mlContext.BinaryClassification.ChangeModelThreshold(transformer.BuiltIn, 0.7f);
        Assert.HasCount(4, importance);
        CollectionAssert.AreEquivalent(new[] { "Number", "Weight" }, byName.Keys.ToArray());
        Assert.IsNotNull(contributions.Schema.GetColumnOrNull("FeatureContributions"));
        Assert.IsNotNull(strict.Transform(renamed));
        Assert.IsTrue(pairwise is not null && oneVersusAll is not null);
    }

    private static string Lines(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));

    internal sealed class Penguin
    {
        [LoadColumn(0)]
        public string Species { get; set; } = "";

        [LoadColumn(2, 5)]
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }
}
