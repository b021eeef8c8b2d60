using System.Diagnostics;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    public void The_code_in_the_README_is_that_of_the_sample_QuickStart() =>
        StringAssert.Contains(
            File.ReadAllText(TestData.PathOf("README.md")), $"```csharp\n{File.ReadAllText(TestData.PathOf("QuickStart.cs.txt"))}```");

    [TestMethod]
    [DoNotParallelize]
    public void The_sample_QuickStart_ends_with_what_the_README_prints()
    {
        using var console = new StringWriter();
        var output = Console.Out;
        Console.SetOut(console);
        try
        {
            Assembly.Load("QuickStart").EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(output);
        }

        var printed = console.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.HasCount(21, printed);
        StringAssert.Contains(
            File.ReadAllText(TestData.PathOf("README.md")).ReplaceLineEndings("\n"),
            $"    {printed[0]}\n    …\n    {printed[^2]}\n    {printed[^1]}\n");
    }

    [TestMethod]
    public void A_sample_writes_no_escape_codes_into_a_pipe_and_no_files_beside_its_own()
    {
        var (here, folder) = (Directory.CreateTempSubdirectory("lrscheduling-"), Directory.CreateTempSubdirectory("lrscheduling-"));
        try
        {
            // The test project's own output is artifacts/bin/PROJECT/CONFIGURATION/.
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            var gallery = Path.Combine(output.Parent!.Parent!.FullName, "ScheduleGallery", output.Name, "ScheduleGallery.dll");
            var start = new ProcessStartInfo("dotnet", [gallery, folder.FullName])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = here.FullName,
            };
            // Where Spectre.Console takes a pipe for a terminal.
            (start.Environment["TERM"], start.Environment["GITHUB_ACTIONS"]) = ("xterm-256color", "true");
            using var process = Process.Start(start)!;
            var printed = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode);
            StringAssert.Contains(printed, "open gallery.html first.");
            Assert.DoesNotContain('\e', printed);
            Assert.IsEmpty(here.GetFileSystemInfos());
            Assert.IsNotEmpty(folder.GetFiles("gallery.html"));
        }
        finally
        {
            here.Delete(recursive: true);
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Every_sample_with_Spectre_Console_keeps_escape_codes_out_of_pipes()
    {
        var samples = Path.Combine(TestData.RepositoryRoot, "samples");
        string[] drawing =
        [
            .. Directory.EnumerateFiles(samples, "*.csproj", SearchOption.AllDirectories)
                .Where(project => File.ReadAllText(project).Contains("Spectre.Console", StringComparison.Ordinal)),
        ];
        Assert.IsGreaterThanOrEqualTo(5, drawing.Length);
        foreach (var project in drawing)
            StringAssert.Contains(File.ReadAllText(project), "<Compile Include=\"../PlainOutput.cs\" />", project);
    }

    [TestMethod]
    public void Scheduled_runs_explain_nine_tenths_of_the_prices_of_diamonds()
    {
        var mlContext = new MLContext(seed: 1);
        TextLoader.Column[] columns =
        [
            new("Sizes", DataKind.Single, [new(0), new(4, 5), new(7, 9)]), new("Cut", DataKind.String, 1), new("Color", DataKind.String, 2),
            new("Clarity", DataKind.String, 3), new("Label", DataKind.Single, 6),
        ];
        var split = mlContext.Data.TrainTestSplit(
            mlContext.Data.LoadFromTextFile(TestData.PathOf("diamonds.csv"), columns, ',', hasHeader: true), 0.2);
        var features = mlContext.Transforms.Categorical.OneHotEncoding([new("Cut"), new("Color"), new("Clarity")])
            .Append(mlContext.Transforms.Concatenate("Features", "Sizes", "Cut", "Color", "Clarity"))
            .Fit(split.TrainSet);
        var (train, test) = (features.Transform(split.TrainSet), features.Transform(split.TestSet));
        foreach (var schedule in new LrSchedule?[]
            { null, LrSchedule.StepLR(5), LrSchedule.LambdaLR("0.7 ** epoch"), LrSchedule.ReduceLROnPlateau(factor: 0.2, patience: 1) })
        {
            var model = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = 15,
                ValidationFraction = 0.1,
                Seed = 1,
                LearningRateSchedule = schedule,
            }).Fit(train);
            var rSquared = mlContext.Regression.Evaluate(model.Transform(test)).RSquared;
            Assert.IsGreaterThanOrEqualTo(0.91, rSquared, $"{schedule}");
        }
    }

    [TestMethod]
    public void Tumours_are_told_apart_as_well_as_the_sample_says()
    {
        var mlContext = new MLContext(seed: 1);
        TextLoader.Column[] columns = [new("Features", DataKind.Single, 0, 29), new("Label", DataKind.Boolean, 30)];
        var (train, test) = EveryFifth(
            mlContext, mlContext.Data.LoadFromTextFile(TestData.PathOf("breast_cancer.csv"), columns, ',', hasHeader: true), "Label");
        foreach (var schedule in new LrSchedule?[] { null, LrSchedule.OneCycleLR(maxLr: 0.1),
            LrSchedule.ReduceLROnPlateau(metric: Metric.AreaUnderRocCurve, factor: 0.3, patience: 5) })
        {
            var model = mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
            {
                LearningRateSchedule = schedule,
                NumberOfEpochs = 60,
                ValidationFraction = 0.15,
                Seed = 1,
            }).Fit(train);
            var metrics = mlContext.BinaryClassification.Evaluate(model.Transform(test));
            Assert.IsGreaterThanOrEqualTo(0.985, metrics.AreaUnderRocCurve, $"{schedule}");
            Assert.IsGreaterThanOrEqualTo(0.945, metrics.Accuracy, $"{schedule}");
        }
    }

    [TestMethod]
    public void Digits_are_read_as_well_as_the_sample_says()
    {
        var mlContext = new MLContext(seed: 1);
        TextLoader.Column[] columns = [new("Features", DataKind.Single, 0, 63), new("Value", DataKind.Single, 64)];
        var (train, test) = EveryFifth(mlContext, mlContext.Data.LoadFromTextFile(TestData.PathOf("digits.csv"), columns, ','), "Value");
        foreach (var optimizer in new Optimizer[] { Optimizer.Sgd(), Optimizer.Adam() })
        {
            var model = mlContext.Transforms.Conversion.MapValueToKey("Label", "Value")
                .Append(mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(new TorchMaximumEntropyTrainer.Options
                {
                    Optimizer = optimizer,
                    Seed = 1,
                })).Fit(train);
            Assert.IsGreaterThanOrEqualTo(
                0.945, mlContext.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy, $"{optimizer}");
        }
    }

    [TestMethod]
    public void Spam_is_told_from_words_at_least_as_well_as_by_the_averaged_perceptron()
    {
        var mlContext = new MLContext(seed: 1);
        // A third of the messages: it is the text that takes long.
        TextLoader.Column[] columns =
            [new("Label", DataKind.Boolean, 0), new("Subject", DataKind.String, 1), new("Body", DataKind.String, 2)];
        var all = mlContext.Data.LoadFromTextFile(TestData.PathOf("spam.tsv"), columns);
        var split = mlContext.Data.TrainTestSplit(
            mlContext.Data.TakeRows(mlContext.Data.ShuffleRows(all, seed: 1, shufflePoolSize: 6000), 2000), 0.3);
        var features = mlContext.Transforms.Text.FeaturizeText("Features", new TextFeaturizingEstimator.Options
        {
            CharFeatureExtractor = null,
        }, "Subject", "Body").Fit(split.TrainSet);
        var (train, test) = (mlContext.Data.Cache(features.Transform(split.TrainSet)), features.Transform(split.TestSet));
        var trainers = mlContext.BinaryClassification.Trainers;
        double Auc(IEstimator<ITransformer> trainer) =>
            mlContext.BinaryClassification.EvaluateNonCalibrated(trainer.Fit(train).Transform(test)).AreaUnderRocCurve;
        Assert.IsGreaterThanOrEqualTo(
            Auc(trainers.AveragedPerceptron(numberOfIterations: 10)) - 0.002,
            Auc(trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options { NumberOfEpochs = 10, Seed = 1 })));
    }

    /// <summary>Every fifth row for testing, as the samples have it.</summary>
    private static (IDataView Train, IDataView Test) EveryFifth(MLContext mlContext, IDataView data, string label)
    {
        var features = data.GetColumn<float[]>("Features").ToArray();
        return data.Schema[label].Type is BooleanDataViewType
            ? Split(data.GetColumn<bool>(label).Select((value, i) => new Example<bool> { Features = features[i], Label = value }))
            : Split(data.GetColumn<float>(label).Select((value, i) => new Example<float> { Features = features[i], Value = value }));

        (IDataView, IDataView) Split<T>(IEnumerable<Example<T>> rows)
        {
            var definition = SchemaDefinition.Create(typeof(Example<T>));
            definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features[0].Length);
            return (mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 != 0).ToArray(), definition),
                mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 == 0).ToArray(), definition));
        }
    }

    private sealed class Example<T>
    {
        public float[] Features { get; set; } = [];

        public T? Label { get; set; }

        public T? Value { get; set; }
    }
}
