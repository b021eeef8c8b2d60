using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// What happens when training is cancelled. A <see cref="CancellationToken"/> cancels it, or the host does. AutoML cancels by the host,
/// with <c>MLContext.CancelExecution</c>, which is not public in ML.NET 5.0.1.
/// </summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum CancellationMode
{
    /// <summary><c>Fit</c> throws <see cref="OperationCanceledException"/>.</summary>
    Throw,

    /// <summary>
    /// <c>Fit</c> returns the best model so far by the monitored metric, or by the training loss if there are no validation rows. The
    /// history records the cancellation. Before the end of the first epoch, <c>Fit</c> returns the current model. While the rows are still
    /// being read there is no model, and <c>Fit</c> throws.
    /// </summary>
    ReturnBest,
}
