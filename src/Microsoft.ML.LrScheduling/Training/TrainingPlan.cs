using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What a training loop is to do: the trainer's options without those that concern columns.</summary>
/// <param name="NumberOfEpochs">Passes over the training rows.</param>
/// <param name="BatchSize">Rows of a minibatch.</param>
/// <param name="Schedule">The learning-rate schedule, its length and its metrics filled in; null keeps the rates constant.</param>
/// <param name="LearningRates">The initial rate of each parameter group.</param>
/// <param name="Progress">Told of each epoch; null for nobody.</param>
/// <param name="CancellationToken">Ends training within one minibatch.</param>
internal sealed record TrainingPlan(
    int NumberOfEpochs,
    int BatchSize,
    LrSchedule? Schedule,
    double[] LearningRates,
    IProgress<TrainingProgress>? Progress,
    CancellationToken CancellationToken);
