using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Which rows are held back for validation.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum ValidationSplit
{
    /// <summary>One at a random place in each stretch of 1/fraction rows.</summary>
    Random,

    /// <summary>The last ones in the order of the data, as Keras' <c>validation_split</c> takes: for rows in the order of time.</summary>
    Last,
}
