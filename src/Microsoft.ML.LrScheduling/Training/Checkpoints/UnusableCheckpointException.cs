namespace Microsoft.ML.LrScheduling.Training;

/// <summary>A checkpoint is whole, but says what cannot be: the one before it is tried.</summary>
/// <param name="message">What it says.</param>
/// <param name="inner">What told so; null for nothing.</param>
internal sealed class UnusableCheckpointException(string message, Exception? inner = null) : Exception(message, inner);
