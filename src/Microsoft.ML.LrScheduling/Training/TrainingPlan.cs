using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What a training loop is to do: the trainer's options without those that concern columns.</summary>
/// <param name="NumberOfEpochs">Passes over the training rows.</param>
/// <param name="BatchSize">Rows of a minibatch.</param>
/// <param name="Schedules">
/// The learning-rate schedules, their lengths and metrics filled in: none for constant rates, one for all parameter groups, or one a
/// group (null for constant).
/// </param>
/// <param name="LearningRates">The initial rate of each parameter group.</param>
/// <param name="Momentum">The optimizer's momentum where no schedule cycles it.</param>
/// <param name="EarlyStopping">When to end before all epochs are trained, its metric filled in; null for never.</param>
/// <param name="Checkpoints">Where to write checkpoints; null for none.</param>
/// <param name="Progress">Told of each epoch; null for nobody.</param>
/// <param name="LossLimit">The loss of a minibatch beyond which training has diverged.</param>
/// <param name="Cancellation">What ends training within one minibatch.</param>
internal sealed record TrainingPlan(
    int NumberOfEpochs,
    int BatchSize,
    IReadOnlyList<LrSchedule?> Schedules,
    double[] LearningRates,
    double Momentum,
    EarlyStopping? EarlyStopping,
    CheckpointFolder? Checkpoints,
    IProgress<TrainingProgress>? Progress,
    double LossLimit,
    Cancellation Cancellation)
{
    /// <summary>Where training goes on from; null to begin.</summary>
    public TrainingState? From { get; init; }

    /// <summary>What is kept after each epoch in place of its weights; null for those themselves.</summary>
    public WeightAveraging? Averaging { get; init; }

    /// <summary>What is to be tried where training diverges, in words.</summary>
    public string DivergenceAdvice { get; init; } = "";

    /// <summary>
    /// Whether the history has the rates of all minibatches where they change in between. Those of the schedule by default follow from the
    /// first one, and would be most of what a model takes in a file.
    /// </summary>
    public bool RecordsBatchRates { get; init; } = true;
}
