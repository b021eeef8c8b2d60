using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The code in docs/sweeps.md stands here too, so that it compiles and does what the text says.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SweepsDocument
{
    private static readonly string Text = File.ReadAllText(TestData.PathOf("sweeps.md")).ReplaceLineEndings("\n");

    [TestMethod]
    public void All_code_in_the_document_is_here()
    {
        var here = Lines(File.ReadAllText(TestData.PathOf("SweepsDocument.cs.txt")));
        var blocks = Blocks("csharp");
        Assert.HasCount(4, blocks);
        foreach (var block in blocks) StringAssert.Contains(here, Lines(block), block);
    }

    [TestMethod]
    public void The_examples_sweep_and_report()
    {
        var before = Directory.GetCurrentDirectory();
        var folder = Directory.CreateTempSubdirectory("lrscheduling-sweeps-");
        Directory.SetCurrentDirectory(folder.FullName);
        try
        {
            Sweep(new MLContext(seed: 1));
            FindRate(new MLContext(seed: 1));
            Load();
            Assert.HasCount(65, File.ReadAllLines("study.jsonl"));
            ReadWithPython();
            StringAssert.Contains(File.ReadAllText("report.html"), "Leaderboard");
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void The_space_as_json_is_one()
    {
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(Blocks("json").Single());
        var trials = SweepStrategy.Random(50).Lots(space, seed: 1).Single().Trials.ToArray();
        Assert.HasCount(3, trials.Select(trial => trial.Options!.LearningRateSchedule?.GetType()).Distinct());
    }

    [TestMethod]
    public void The_class_of_hyperparameters_is_a_space()
    {
        var trials = SweepStrategy.Random(50)
            .Lots(SweepSpace.FromAttributes((Hyperparameters drawn) => drawn.ToOptions()), seed: 1).Single().Trials.ToArray();
        Assert.HasCount(2, trials.Select(trial => trial.Options!.LearningRateSchedule?.GetType()).Distinct());
        CollectionAssert.AreEqual(
            new[] { "learningRate", "schedule", "gamma" }, trials[0].Hyperparameters.Select(drawn => drawn.Name).ToArray());
    }

    private static void Sweep(MLContext mlContext)
    {
        var trainData = Houses(mlContext);
        var pipeline = mlContext.Transforms.Concatenate("Features", "Sizes", "Age");
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            NumberOfEpochs = 20,
            ValidationFraction = 0.1,
            LearningRate = draw.LogRange("rate", 1e-4, 1),
            LearningRateSchedule = draw.Choice("schedule", "line", "step", "cosine") switch
            {
                "step" => LrSchedule.StepLR(draw.Integer("stepSize", 2, 10), draw.Range("gamma", 0.1, 0.9)),
                "cosine" => LrSchedule.CosineAnnealingLR(tMax: 20),
                _ => null,
            },
        });
        var study = mlContext.Regression.Trainers.Sweep(space, trainData, new SweepOptions { Journal = "study.jsonl" }, features: pipeline);
        var model = study.BestModel;
        study.SaveReport("report.html");
        Assert.IsGreaterThan(0.9, mlContext.Regression.Evaluate(model.Transform(trainData), "Price").RSquared);
    }

    private static void Load()
    {
        var study = Study.Load("study.jsonl");
        Console.WriteLine(study);
        foreach (var note in study.Notes) Console.WriteLine(note);
        study.SaveReport("reports/study.html");
        Assert.AreEqual(64, study.Trials.Count);
        StringAssert.Contains(File.ReadAllText("reports/study.html"), "Leaderboard");
    }

    /// <summary>The snippet itself where there is pandas; else what it relies on, by what Python always has.</summary>
    private static void ReadWithPython()
    {
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python))
        {
            Console.WriteLine($"The snippet in Python was not run: there is no {Python}.");
            return;
        }

        var (output, errors) = Run(Python, Blocks("python").Single() + "print(len(trials), *history.columns)\n");
        if (errors.Contains("No module named 'pandas'", StringComparison.Ordinal))
        {
            Console.WriteLine("Python has no pandas here: its own json reads the journal.");
            (output, errors) = Run(Python, """
                import json
                trials = [line for line in map(json.loads, open("study.jsonl", encoding="utf-8")) if line["event"] == "trial"]
                history = trials[0]["history"]
                assert {type(column) for column in history.values()} <= {list, int, float}
                assert {len(column) for column in history.values() if type(column) is list} == {20}
                print(len(trials), *history)
                """);
        }

        Assert.AreEqual("", errors);
        Assert.AreEqual(
            "64 epoch weightsRate trainingLoss validationLoss rootMeanSquaredError meanAbsoluteError rSquared seconds",
            output.TrimEnd().Split('\n')[^1]);
    }

    private static (string Output, string Errors) Run(string python, string script)
    {
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, errors.Result);
    }

    private static void FindRate(MLContext mlContext)
    {
        var trainData = Houses(mlContext);
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(labelColumnName: "Price");
        var curve = new LearningRateFinder().Find(trainer, trainData);
        Console.WriteLine($"{curve.SuggestedRate}. {curve.Reason}");
        Assert.IsInRange(1e-3, 1, curve.SuggestedRate!.Value);
    }

    private static IDataView Houses(MLContext mlContext)
    {
        var random = new Random(3);
        return mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 600).Select(_ =>
        {
            var house = new House { Sizes = [Next(50, 250), Next(0, 2000)], Age = Next(0, 100) };
            house.Features = [.. house.Sizes, house.Age];
            house.Price = 3000 * house.Sizes[0] + 50 * house.Sizes[1] - 1000 * house.Age + Next(0, 20_000);
            return house;
        }).ToArray());

        float Next(double from, double to) => (float)(from + (to - from) * random.NextDouble());
    }

    private static string[] Blocks(string language) =>
        [.. Regex.Matches(Text, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    private static string Lines(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));

    internal sealed class Hyperparameters
    {
        [Range(1e-4, 1.0, 0.01, logBase: true)]
        public double LearningRate { get; set; }

        [Choice("line", "exponential")]
        public string Schedule { get; set; } = "line";

        [Range(0.1, 0.9)]
        public double Gamma { get; set; }

        public TorchLinearRegressionTrainer.Options ToOptions() => new()
        {
            LabelColumnName = "Price",
            LearningRate = LearningRate,
            LearningRateSchedule = Schedule == "exponential" ? LrSchedule.ExponentialLR(Gamma) : null,
        };
    }

    private sealed class House
    {
        public float Price { get; set; }

        [VectorType(2)]
        public float[] Sizes { get; set; } = [];

        public float Age { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}
