using System.Diagnostics;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// A process that trains is killed (SIGKILL) at 50 random moments, and goes on each time: the weights and the history are those of
/// training that was left alone.
/// </summary>
[TestClass]
public sealed class KilledTrainingTests
{
    private const int Kills = 50;

    [TestMethod]
    public void Training_that_is_killed_fifty_times_gives_the_same_weights()
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-killed-");
        try
        {
            var (checkpoints, result) = (Path.Combine(folder.FullName, "checkpoints"), Path.Combine(folder.FullName, "result.txt"));
            var random = new Random(50);
            var kills = 0;
            var positions = new HashSet<string>();
            for (; kills < Kills; kills++)
            {
                using var process = Start(checkpoints, result);
                // From when it has begun to write checkpoints it is left alone for a moment of its own: in the midst of a step, a file or
                // a rename.
                var before = Newest(checkpoints);
                while (Newest(checkpoints) == before && !process.HasExited) Thread.Yield();
                Thread.Sleep(random.Next(25));
                Assert.IsFalse(process.HasExited, $"it ended after {kills} kills, before it could be killed {Kills} times");
                process.Kill();
                process.WaitForExit();
                positions.Add(Newest(checkpoints));
            }

            Assert.IsGreaterThan(Kills * 3 / 4, positions.Count, "it went on between kills");
            using (var last = Start(checkpoints, result))
            {
                last.WaitForExit();
                Assert.AreEqual(0, last.ExitCode);
            }

            Assert.AreEqual(Train(checkpoints: null, epochs: Epochs), File.ReadAllText(result));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void A_checkpoint_that_becomes_larger_than_a_file_may_be_is_told_and_the_one_before_stays()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no limit of the size of files.");
        var folder = Directory.CreateTempSubdirectory("lrscheduling-limit-");
        try
        {
            var checkpoints = Path.Combine(folder.FullName, "checkpoints");
            // Four thousand epochs are more than 64 KiB.
            var errors = LimitedProcess.Run(kibibytes: 64, "train", checkpoints, Path.Combine(folder.FullName, "result.txt"));
            StringAssert.Contains(errors, "System.IO.IOException: Checkpoint ");
            StringAssert.Contains(errors, "The earlier checkpoints are not changed. The file would become larger than the file system");
            Assert.HasCount(2, Directory.GetFiles(checkpoints, "*.lrscheckpoint"));
            Assert.IsEmpty(Directory.GetFiles(checkpoints, "*.tmp"));
            Assert.IsGreaterThan(0, CheckpointFile.Read(File.ReadAllBytes(Newest(checkpoints))).Epoch);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What the process that is killed does.</summary>
    internal static void TrainAndWrite(string checkpoints, string result) =>
        File.WriteAllText(result,
            Train(new Checkpoints { Folder = checkpoints, EveryEpochs = null, Every = TimeSpan.FromMilliseconds(5), Keep = 2 }, Epochs));

    private const int Epochs = 4000;

    private static string Train(Checkpoints? checkpoints, int epochs)
    {
        var mlContext = new MLContext(seed: 1);
        var options = new TorchLogisticRegressionTrainer.Options
        {
            LabelColumnName = "Truth",
            Optimizer = Optimizer.Adam(),
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.9, patience: 3).WithWarmup(200, interval: ScheduleInterval.Batch),
            NumberOfEpochs = epochs,
            BatchSize = 16,
            ValidationFraction = 0.2,
            Seed = 7,
            Checkpoints = checkpoints,
        };
        var transformer = mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(TaskCase.Rows(mlContext, 100));
        var model = transformer.Model.SubModel;
        var losses = transformer.History.Epochs.Select(
            epoch => $"{epoch.TrainingLoss:R} {epoch[Metric.ValidationLoss]:R} {epoch.LearningRates[0]:R}");
        return string.Join('\n', model.Weights.Append(model.Bias).Select(weight => $"{weight:R}").Concat(losses));
    }

    private static Process Start(string checkpoints, string result) =>
        Process.Start("dotnet", [typeof(KilledTrainingTests).Assembly.Location, "train", checkpoints, result]);

    private static string Newest(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.lrscheckpoint").Max(StringComparer.Ordinal) ?? "";
        }
        catch (DirectoryNotFoundException)
        {
            return "";
        }
    }
}
