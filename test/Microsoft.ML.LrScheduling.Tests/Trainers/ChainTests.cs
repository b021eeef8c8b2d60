using System.Collections;
using System.Diagnostics;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Chains of ML.NET's estimators and ours: how often rows are read, what a saved one holds, and who can open it.</summary>
[TestClass]
public sealed class ChainTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_trainer_reads_its_rows_once_and_a_cache_serves_it(TaskCase task)
    {
        var rows = new CountedRows();
        var data = _mlContext.Data.LoadFromEnumerable(rows);
        task.Trainer(_mlContext).Fit(data);
        Assert.AreEqual(1, rows.Readings, "alone");
        task.Trainer(_mlContext, options => options.ValidationFraction = 0.2).Fit(data);
        Assert.AreEqual(2, rows.Readings, "with validation rows of the same");
        _mlContext.Transforms.NormalizeMeanVariance("Features").Append(task.Trainer(_mlContext)).Fit(data);
        Assert.AreEqual(4, rows.Readings, "by the normaliser and by the trainer");
        var cached = _mlContext.Data.Cache(data);
        task.Trainer(_mlContext).Fit(cached);
        task.Trainer(_mlContext).Fit(cached);
        Assert.AreEqual(5, rows.Readings, "by the cache");
    }

    [TestMethod]
    public void Trainers_of_ours_follow_each_other_and_the_last_ones_history_is_found()
    {
        var data = TaskCase.Rows(_mlContext, 200);
        var options = new TorchLogisticRegressionTrainer.Options
        { LabelColumnName = "Truth", FeatureColumnName = "Both", NumberOfEpochs = 3 };
        var first = _mlContext.Regression.Trainers.TorchLinearRegression("Number", numberOfEpochs: 2)
            .Append(_mlContext.Transforms.Concatenate("Both", "Features", "Score"));
        // A chain as a link of another, and what follows our last trainer.
        var model = _mlContext.Transforms.NormalizeMeanVariance("Features")
            .Append(first)
            .Append(_mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options))
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Probability"))
            .Fit(data);
        Assert.IsGreaterThan(0.9, _mlContext.BinaryClassification.Evaluate(model.Transform(data), "Truth").AreaUnderRocCurve);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var history = TrainingHistory.Load(file);
        Assert.AreEqual((nameof(TorchLogisticRegressionTrainer), 3), (history.Trainer, history.Epochs.Count));
    }

    [TestMethod]
    public void A_model_that_was_loaded_and_saved_again_or_is_the_built_in_one_has_no_history_and_says_so()
    {
        var data = TaskCase.Rows(_mlContext, 100);
        var model = _mlContext.Regression.Trainers.TorchLinearRegression("Number", numberOfEpochs: 1).Fit(data);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        file.Position = 0;
        foreach (var without in new[] { _mlContext.Model.Load(file, out _), model.BuiltIn })
        {
            using var again = new MemoryStream();
            _mlContext.Model.Save(without, data.Schema, again);
            again.Position = 0;
            Assert.AreEqual(
                "The model holds no training history: it was not trained by LrScheduling, or was loaded and saved again.",
                Assert.ThrowsExactly<InvalidDataException>(() => TrainingHistory.Load(again)).Message);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_process_without_this_library_opens_a_saved_model_and_gives_its_scores(TaskCase task)
    {
        var data = TaskCase.Rows(_mlContext, 200);
        var model = _mlContext.Transforms.NormalizeMeanVariance("Features").Append(task.Trainer(_mlContext)).Fit(data);
        var path = Path.Combine(Path.GetTempPath(), $"lrscheduling-{Guid.NewGuid():N}.zip");
        try
        {
            _mlContext.Model.Save(model, data.Schema, path);
            using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(ForeignProgram).Assembly.Location, "score", path])
            {
                RedirectStandardOutput = true,
            })!;
            var output = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n");
            process.WaitForExit();
            Assert.AreEqual(string.Join('\n', ForeignProgram.ScoresOf(model, _mlContext)), output.TrimEnd());
            Assert.AreEqual(0, process.ExitCode, "it loaded this library");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class CountedRows : IEnumerable<TaskRow>
    {
        public int Readings { get; private set; }

        public IEnumerator<TaskRow> GetEnumerator()
        {
            Readings++;
            return TaskCase.Points(100).GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
