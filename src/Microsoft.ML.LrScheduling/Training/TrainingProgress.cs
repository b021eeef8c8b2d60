namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The progress of a training. It is reported after each epoch, on the training thread.</summary>
/// <param name="Epoch">The record of the epoch that has just ended.</param>
/// <param name="NumberOfEpochs">The number of epochs of the whole training.</param>
/// <param name="TrainingRows">The number of rows that each epoch visits.</param>
public sealed record TrainingProgress(EpochRecord Epoch, int NumberOfEpochs, int TrainingRows)
{
    /// <summary>The training rows per second in this epoch, including the time of the validation.</summary>
    public double RowsPerSecond => TrainingRows / Math.Max(Epoch.Duration.TotalSeconds, 1e-9);

    /// <summary>Returns the epoch, the rate of the weights, the losses, the metrics and the time, on one line.</summary>
    public override string ToString() => EpochText.Of(Epoch, NumberOfEpochs);
}
