using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The result of a trial.</summary>
/// <param name="Number">The trial's number in the sweep.</param>
/// <param name="History">The history.</param>
/// <param name="Weights">The model; null if there is none.</param>
/// <param name="Failure">Why the trial could not be trained; null if it was trained.</param>
internal sealed record TrialResult(int Number, TrainingHistory History, LinearWeights? Weights, string? Failure)
{
    /// <summary>Creates the result of a trial that could not start.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="trainer">The type of the trainer; empty if it is not known.</param>
    /// <param name="options">The options; null if there are none.</param>
    /// <param name="failure">The reason.</param>
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

    // Options that are not valid, such as a rate of NaN, may not be convertible to JSON.
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
