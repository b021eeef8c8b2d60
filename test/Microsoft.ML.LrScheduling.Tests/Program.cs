using System.Globalization;
using Microsoft.ML.LrScheduling.Tests.Clusters;
using Microsoft.ML.LrScheduling.Tests.Engines;
using Microsoft.ML.LrScheduling.Tests.Fuzzing;
using Microsoft.ML.LrScheduling.Tests.Reports;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.Testing.Platform.Builder;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>
/// The test host; and what this assembly does as a program of its own: the training that <see cref="KilledTrainingTests"/> kills, the
/// sweep that <see cref="SweepJournalTests"/> does, the worker and the sweep that <see cref="KilledCluster"/> kills, the rows that
/// <see cref="WrittenRowsTests"/> writes, the predictions of <see cref="ForeignProgram"/>, weights of <see cref="FusedEngineTests"/>, what
/// the Torch engine and a log for TensorBoard say to <see cref="TorchRuntimeTests"/>, the long fuzzing of build/fuzz.cs, the kills of
/// build/kills.cs, and the pictures of build/pictures.cs.
/// </summary>
internal static class Program
{
    // What opens a model without this library must not meet it in the method below, which is compiled as a whole.
    private static Task<int> Main(string[] args) =>
        args is ["score", var model] ? Task.FromResult(ForeignProgram.Score(model)) : Run(args);

    private static async Task<int> Run(string[] args)
    {
        switch (args)
        {
            case ["train", var folder, var result]:
                KilledTrainingTests.TrainAndWrite(folder, result);
                return 0;
            case ["sweep", var journal]:
                SweepJournalTests.KilledSweep(journal);
                return 0;
            case ["cluster-worker", var redis, var port]:
                await ClusterProcesses.WorkAsync(redis, int.Parse(port, CultureInfo.InvariantCulture));
                return 0;
            case ["cluster-sweep", var redis, var journal, var strategy]:
                ClusterProcesses.Sweep(redis, journal, KilledCluster.Strategies[strategy]);
                return 0;
            case ["cluster-rows", var folder]:
                WrittenRowsTests.Write(folder);
                return 0;
            case ["kills", .. var rest]:
                return KillProgram.Run(rest);
            case ["weights"]:
                FusedEngineTests.WriteWeights();
                return 0;
            case ["torch"]:
                TorchRuntimeTests.FitAndWrite();
                return 0;
            case ["tensorboard"]:
                TorchRuntimeTests.LogAndWrite();
                return 0;
            case ["pictures", var reports, var pictures]:
                await ReportPictures.TakeAsync(reports, pictures);
                return 0;
            case ["fuzz", .. var rest]:
                return FuzzProgram.Run(rest);
            default:
                var builder = await TestApplication.CreateBuilderAsync(args);
                SelfRegisteredExtensions.AddSelfRegisteredExtensions(builder, args);
                using (var tests = await builder.BuildAsync()) return await tests.RunAsync();
        }
    }
}
