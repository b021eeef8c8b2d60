using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What becomes of a row whose label, weight or a feature is missing (NaN) or infinite.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum InvalidRowPolicy
{
    /// <summary>It is left out, and a warning in the log says how many were.</summary>
    Skip,

    /// <summary>It is an error, which names the row.</summary>
    Refuse,
}
