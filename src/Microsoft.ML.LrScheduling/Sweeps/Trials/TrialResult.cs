using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What came of a trial.</summary>
/// <param name="Number">Its number in the sweep.</param>
/// <param name="History">What happened.</param>
/// <param name="Weights">The model; null where there is none.</param>
/// <param name="Failure">Why it could not be trained; null where it could.</param>
internal sealed record TrialResult(int Number, TrainingHistory History, LinearWeights? Weights, string? Failure)
{
    /// <summary>A trial that could not even begin.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="trainer">The kind of trainer; empty where none is known.</param>
    /// <param name="options">Its options; null where it has none.</param>
    /// <param name="failure">Why.</param>
    public static TrialResult Failed(int number, string trainer, LinearTrainerOptions? options, string failure) => new(
        number,
        new TrainingHistory
        {
            Epochs = [],
            StopReason = StopReason.Failed,
            Trainer = trainer,
            Options = Json(options),
            Schedule = options?.LearningRateSchedule,
            ScheduleText = options?.LearningRateSchedule?.ToString(),
            BiasScheduleText = options?.BiasLearningRateSchedule?.ToString(),
        },
        Weights: null, failure);

    // Options that do not hold may have no JSON, such as a rate that is no number.
    private static string Json(LinearTrainerOptions? options)
    {
        try
        {
            return options?.ToJsonWithoutDelegates() ?? "";
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            return "";
        }
    }
}
