using System.Globalization;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Writes quantities in messages.</summary>
internal static class Quantity
{
    /// <summary>Returns a number with a noun in the singular or plural: <c>1 row</c>, <c>2 rows</c>.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The singular.</param>
    /// <param name="many">The plural; null for the singular with an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");
}
