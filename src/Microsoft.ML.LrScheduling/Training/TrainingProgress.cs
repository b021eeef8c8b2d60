namespace Microsoft.ML.LrScheduling.Training;

/// <summary>How far training has come: reported after each epoch, on the thread that trains.</summary>
/// <param name="Epoch">The epoch that has just ended.</param>
/// <param name="NumberOfEpochs">The epochs that were asked for.</param>
public sealed record TrainingProgress(EpochRecord Epoch, int NumberOfEpochs);
