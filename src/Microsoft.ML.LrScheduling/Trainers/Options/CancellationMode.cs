using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// What becomes of training that is cancelled, by a <see cref="CancellationToken"/> or by the host, as ML.NET's AutoML does: its
/// <c>MLContext.CancelExecution</c> is not public in ML.NET 5.0.1.
/// </summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum CancellationMode
{
    /// <summary><c>Fit</c> throws <see cref="OperationCanceledException"/>.</summary>
    Throw,

    /// <summary>
    /// <c>Fit</c> returns the best model so far by the monitored metric (without validation rows, by the training loss); the history says
    /// that it was cancelled. Before the end of the first epoch it is the model as it stands; while rows are still being read, there is
    /// none, and <c>Fit</c> throws.
    /// </summary>
    ReturnBest,
}
