namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Training was given up because the loss or a weight became NaN or infinite; most often the learning rate is too high.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(TrainingHistory history)
        : base(Describe(history.Epochs[^1])) => History = history;

    /// <summary>The epochs up to and with the one that diverged.</summary>
    public TrainingHistory History { get; }

    private static string Describe(EpochRecord epoch) => FormattableString.Invariant(
        $"Training diverged in epoch {epoch.Epoch}: the loss became {epoch.TrainingLoss} at a learning rate of {epoch.LearningRates[0]}. ")
        + "Lower LearningRate, or bring the features to one scale (NormalizeMeanVariance) before the trainer.";
}
