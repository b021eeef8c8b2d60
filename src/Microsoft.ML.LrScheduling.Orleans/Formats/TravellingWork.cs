using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials that train together as they travel: as JSON.</summary>
/// <param name="Trials">The trials, in their order.</param>
/// <param name="Until">The epochs after which a trial stands and waits.</param>
/// <param name="Competes">Whether trials come and go by their scores.</param>
/// <param name="Fold">The part of the rows that they are measured on; null where they train on all.</param>
internal sealed record TravellingWork(
    IReadOnlyList<TravellingTrial> Trials, int Until = TrialLeg.ToTheEnd, bool Competes = false, TravellingFold? Fold = null)
{
    /// <summary>The work as bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads work.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static TravellingWork Read(byte[] bytes) =>
        JsonSerializer.Deserialize<TravellingWork>(bytes) ?? throw new JsonException("There are no trials.");

    /// <summary>The name of a batch: the same for the same work.</summary>
    public static string NameOf(byte[] work) => Convert.ToHexStringLower(SHA256.HashData(work))[..32];
}

/// <summary>A trial as it travels.</summary>
/// <param name="Number">Its number in the sweep.</param>
/// <param name="Options">Its options, as JSON.</param>
/// <param name="State">The name under which is kept where it stands; null where it begins.</param>
internal sealed record TravellingTrial(int Number, string Options, string? State = null)
{
    /// <summary>A trial.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="state">The name under which is kept where it stands; null where it begins.</param>
    /// <exception cref="InvalidOperationException">A schedule of it is a delegate.</exception>
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

    /// <summary>The trial as a worker is given it.</summary>
    /// <param name="trainer">The kind of trainer.</param>
    public TrialWork ToWork(string trainer) => new(Number, TrainerKinds.ReadOptions(trainer, Options));
}

/// <summary>A part of the rows that trials are measured on, and do not see.</summary>
/// <param name="Number">The part, from 0.</param>
/// <param name="Count">How many parts there are.</param>
/// <param name="SamplingKey">The column whose equal values stay in one part; null for none.</param>
/// <param name="Seed">What the parts follow from.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Features">The model file of what makes the features of this fold; null where they are there.</param>
internal sealed record TravellingFold(int Number, int Count, string? SamplingKey, int Seed, Metric Metric, string? Features);
