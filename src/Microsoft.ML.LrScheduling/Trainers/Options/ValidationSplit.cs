using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Which training rows are held out for validation.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum ValidationSplit
{
    /// <summary>One row at a random position in each run of 1/fraction rows.</summary>
    Random,

    /// <summary>
    /// The last rows in the order of the data, as with Keras' <c>validation_split</c>. Use it for rows in order of time.
    /// </summary>
    Last,
}
