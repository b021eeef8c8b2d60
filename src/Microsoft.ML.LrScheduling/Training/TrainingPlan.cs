using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The input of a training loop: the trainer's options without those about columns.</summary>
/// <param name="NumberOfEpochs">The number of passes over the training rows.</param>
/// <param name="BatchSize">The number of rows in a minibatch.</param>
/// <param name="Schedules">
/// The learning rate schedules, with their lengths and metrics filled in: empty for constant rates, one for all parameter groups, or one
/// per group (null for a constant rate).
/// </param>
/// <param name="LearningRates">The initial rate of each parameter group.</param>
/// <param name="Momentum">The momentum of the optimizer, if no schedule changes it.</param>
/// <param name="EarlyStopping">The rule that ends training early, with its metric filled in; null for none.</param>
/// <param name="Checkpoints">The folder for checkpoints; null for none.</param>
/// <param name="Progress">Receives the progress after each epoch; null for none.</param>
/// <param name="LossLimit">The loss of a minibatch above which training has diverged.</param>
/// <param name="Cancellation">Ends training before the next minibatch.</param>
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
    /// <summary>The state from which training resumes; null to start from the beginning.</summary>
    public TrainingState? From { get; init; }

    /// <summary>The average to keep after each epoch instead of the weights; null to keep the weights.</summary>
    public WeightAveraging? Averaging { get; init; }

    /// <summary>What to try if training diverges: the end of the error message.</summary>
    public string DivergenceAdvice { get; init; } = "";

    /// <summary>
    /// Whether the history contains the rates of all minibatches, if they change within an epoch. For the default schedule it does not:
    /// these rates follow from the first one, and would take most of the space in a model file.
    /// </summary>
    public bool RecordsBatchRates { get; init; } = true;
}
