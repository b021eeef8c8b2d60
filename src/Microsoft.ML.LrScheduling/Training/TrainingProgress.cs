namespace Microsoft.ML.LrScheduling.Training;

/// <summary>How far training has come: reported after each epoch, on the thread that trains.</summary>
/// <param name="Epoch">The epoch that has just ended.</param>
/// <param name="NumberOfEpochs">The epochs that were asked for.</param>
/// <param name="TrainingRows">The rows that each epoch visits.</param>
public sealed record TrainingProgress(EpochRecord Epoch, int NumberOfEpochs, int TrainingRows)
{
    /// <summary>The training rows visited in a second of the epoch, validation included.</summary>
    public double RowsPerSecond => TrainingRows / Math.Max(Epoch.Duration.TotalSeconds, 1e-9);

    /// <summary>The epoch, the rate of the weights, the losses, the metrics and the time, in a line.</summary>
    public override string ToString() => EpochText.Of(Epoch, NumberOfEpochs);
}
