namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A worker cannot train on the rows of a study, whatever the trial.</summary>
internal sealed class RowsRefusedException(string message, Exception? inner = null) : Exception(message, inner);
