namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The exception for a checkpoint that is not damaged, but has invalid content. The previous checkpoint is then tried.</summary>
/// <param name="message">What is invalid.</param>
/// <param name="inner">The exception that found it; null if there is none.</param>
internal sealed class UnusableCheckpointException(string message, Exception? inner = null) : Exception(message, inner);
