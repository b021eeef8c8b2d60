using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Computes the identity of a training, to which its checkpoints belong: the options that affect the result, except for those of the
/// checkpoints, and the rows.
/// </summary>
internal static class CheckpointIdentity
{
    private static readonly string SeedName = OptionsJson.NameOf(nameof(LinearTrainerOptions.Seed));

    /// <summary>Returns the identity of a training.</summary>
    public static TrainingIdentity Of(
        string trainer, LinearTrainerOptions options, int seed, int epochs, LinearWeights? initial, TrainingSet training,
        TrainingSet? validation)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        using (var json = JsonDocument.Parse(options.ToJsonWithoutDelegates(), ScheduleJson.Document))
            foreach (var property in json.RootElement.EnumerateObject())
                settings[property.Name] = property.Value.GetRawText();
        settings.Remove(OptionsJson.NameOf(nameof(options.Checkpoints)));
        settings.Remove(OptionsJson.NameOf(nameof(options.NumberOfEpochs)));
        settings[OptionsJson.NameOf(nameof(options.Engine))] = $"{options.ChosenEngine}";
        // The memory limit itself does not matter, only whether it was reached (rowsInFile), which affects the order of the rows.
        foreach (var name in OptionEffects.WithoutEffect) settings.Remove(name);
        if (options.BiasLearningRate == options.LearningRate) settings.Remove(OptionsJson.NameOf(nameof(options.BiasLearningRate)));
        settings["rowsInFile"] = $"{training.IsInFile}";
        settings["trainer"] = trainer;
        settings[SeedName] = $"{seed}";
        // As text, because the JSON of options omits a schedule with a delegate.
        if (options.LearningRateSchedule is { } schedule) settings["learningRateSchedule"] = schedule.ToString();
        if (options.BiasLearningRateSchedule is { } biasSchedule) settings["biasLearningRateSchedule"] = biasSchedule.ToString();
        if (initial is not null) settings["initial"] = Hash(initial);
        return new TrainingIdentity(
            settings.ToImmutable(), RowsHash.Describe(training, validation), RowsHash.Of(training, validation), epochs);
    }

    /// <summary>Returns the seed of a training.</summary>
    public static string? SeedOf(TrainingIdentity identity) => identity.Settings.GetValueOrDefault(SeedName);

    private static string Hash(LinearWeights weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(weights.Weights.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(weights.Biases.AsSpan()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
