using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What happens to a row with a missing (NaN) or infinite label, weight or feature.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum InvalidRowPolicy
{
    /// <summary>The row is skipped. A warning in the log gives the number of skipped rows.</summary>
    Skip,

    /// <summary>The row is an error. The message names the row.</summary>
    Refuse,
}
