using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials as they travel: the number and the options of each, as JSON.</summary>
internal static class TrialTexts
{
    /// <summary>The trials as bytes.</summary>
    /// <exception cref="InvalidOperationException">A schedule of a trial is a delegate.</exception>
    public static byte[] Write(IReadOnlyList<TrialWork> trials) =>
        JsonSerializer.SerializeToUtf8Bytes(trials.Select(trial => new Text(trial.Number, OptionsOf(trial))));

    /// <summary>Reads trials.</summary>
    /// <param name="trainer">The kind of trainer.</param>
    /// <param name="bytes">What <see cref="Write"/> gave.</param>
    public static TrialWork[] Read(string trainer, byte[] bytes) =>
    [
        .. JsonSerializer.Deserialize<Text[]>(bytes)!
            .Select(text => new TrialWork(text.Number, TrainerKinds.ReadOptions(trainer, text.Options))),
    ];

    /// <summary>The name of a batch: the same for the same trials.</summary>
    public static string NameOf(byte[] trials) => Convert.ToHexStringLower(SHA256.HashData(trials))[..32];

    /// <summary>The options of a trial as JSON.</summary>
    /// <exception cref="InvalidOperationException">A schedule of it is a delegate.</exception>
    public static string OptionsOf(TrialWork trial)
    {
        try
        {
            return OptionsJson.Write(trial.Options);
        }
        catch (NotSupportedException e)
        {
            throw new InvalidOperationException(
                $"Options of a trial must be values where it trains on another machine, since no code travels. Received, in trial "
                + $"{trial.Number}: {trial.Options.LearningRateSchedule}. Write the function as an expression, such as "
                + "LrSchedule.LambdaLR(\"0.95 ** epoch\").", e);
        }
    }

    private sealed record Text(int Number, string Options);
}
