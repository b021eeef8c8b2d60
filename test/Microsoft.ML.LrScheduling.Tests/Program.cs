using System.Globalization;
using Microsoft.ML.LrScheduling.Tests.Engines;
using Microsoft.ML.LrScheduling.Tests.Fuzzing;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.Testing.Platform.Builder;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>
/// The test host; and what this assembly does as a program of its own: the training that <see cref="KilledTrainingTests"/> kills, the
/// sweep that <see cref="SweepJournalTests"/> does, weights of <see cref="FusedEngineTests"/>, and the long fuzzing of build/fuzz.cs.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["train", var folder, var result]:
                KilledTrainingTests.TrainAndWrite(folder, result);
                return 0;
            case ["sweep", var journal]:
                SweepJournalTests.KilledSweep(journal);
                return 0;
            case ["weights"]:
                FusedEngineTests.WriteWeights();
                return 0;
            case ["fuzz", var count, var seed]:
                var (faults, counts) = new Fuzzer()
                    .Run(int.Parse(count, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
                foreach (var line in faults.Take(20).Concat(counts)) Console.WriteLine(line);
                Console.WriteLine($"{count} inputs, {faults.Count} faults");
                return faults.Count == 0 ? 0 : 1;
            default:
                var builder = await TestApplication.CreateBuilderAsync(args);
                SelfRegisteredExtensions.AddSelfRegisteredExtensions(builder, args);
                using (var tests = await builder.BuildAsync()) return await tests.RunAsync();
        }
    }
}
