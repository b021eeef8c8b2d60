using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>Writes and reads the numbers of a journal. NaN and infinities are strings, and a missing number is null.</summary>
internal static class JournalNumber
{
    /// <summary>Writes a property.</summary>
    public static void Write(Utf8JsonWriter writer, string name, double? number)
    {
        writer.WritePropertyName(name);
        Write(writer, number);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter writer, double? number)
    {
        if (number is not { } value) writer.WriteNullValue();
        else if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">The value is not a number.</exception>
    public static double? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => value.GetDouble(),
        _ => value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var other => throw new FormatException($"{other} is not a number."),
        },
    };
}
