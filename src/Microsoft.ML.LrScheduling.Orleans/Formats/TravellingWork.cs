using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch of trials as it is sent to workers: as JSON.</summary>
/// <param name="Trials">The trials, in order.</param>
/// <param name="Until">The number of epochs after which trials pause.</param>
/// <param name="Competes">Whether the strategy promotes and prunes trials by their scores.</param>
/// <param name="Fold">The fold on which the trials are measured; null to train on all rows.</param>
internal sealed record TravellingWork(
    IReadOnlyList<TravellingTrial> Trials, int Until = TrialLeg.ToTheEnd, bool Competes = false, TravellingFold? Fold = null)
{
    /// <summary>The work as bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads work.</summary>
    /// <exception cref="JsonException">The bytes are not a batch.</exception>
    public static TravellingWork Read(byte[] bytes) =>
        JsonSerializer.Deserialize<TravellingWork>(bytes) ?? throw new JsonException("There are no trials.");

    /// <summary>The name of a batch: a hash, so that equal work has the same name.</summary>
    public static string NameOf(byte[] work) => Convert.ToHexStringLower(SHA256.HashData(work))[..32];
}

/// <summary>A trial as it is sent to workers.</summary>
/// <param name="Number">Its number in the sweep.</param>
/// <param name="Options">Its options, as JSON.</param>
/// <param name="State">The name under which its state is stored; null if it starts from the beginning.</param>
internal sealed record TravellingTrial(int Number, string Options, string? State = null)
{
    /// <summary>Converts a trial.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="state">The name under which its state is stored; null if it starts from the beginning.</param>
    /// <exception cref="InvalidOperationException">The options have a delegate.</exception>
    public static TravellingTrial Of(TrialWork trial, string? state = null)
    {
        try
        {
            return new TravellingTrial(trial.Number, OptionsJson.Write(trial.Options), state);
        }
        catch (NotSupportedException e)
        {
            throw new InvalidOperationException(
                $"Options of a trial must not have a delegate if it trains on another machine: code cannot be sent. Received, in trial "
                + $"{trial.Number}: {trial.Options.LearningRateSchedule}. Write the function as an expression, such as "
                + "LrSchedule.LambdaLR(\"0.95 ** epoch\").", e);
        }
    }

    /// <summary>Converts back.</summary>
    /// <param name="trainer">The class of the trainer.</param>
    public TrialWork ToWork(string trainer) => new(Number, TrainerKinds.ReadOptions(trainer, Options));
}

/// <summary>A fold of a cross-validation: its rows are held out of training, and trials are measured on them.</summary>
/// <param name="Number">The fold, from 0.</param>
/// <param name="Count">The number of folds.</param>
/// <param name="SamplingKey">The column whose equal values stay in one fold; null for none.</param>
/// <param name="Seed">The seed of the split.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Features">The model file of the features' transformer, fitted for this fold; null if there is no transformer.</param>
internal sealed record TravellingFold(int Number, int Count, string? SamplingKey, int Seed, Metric Metric, string? Features);
