using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Writes what JSON cannot hold as something that it can: half a character, NaN, infinity.</summary>
internal static class ReportJson
{
    /// <summary>A text in which half a character, which no JSON can hold, is replaced.</summary>
    public static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a property: the number, or null where it is none.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } finite && double.IsFinite(finite)) json.WriteNumber(name, finite);
        else json.WriteNull(name);
    }

    /// <summary>Writes a list of numbers, with null where there is none.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="name">The property; null for a value of a list.</param>
    /// <param name="numbers">The numbers.</param>
    /// <param name="format">How many digits a picture and its values need: G5 for five.</param>
    public static void WriteNumbers(this Utf8JsonWriter json, string? name, IEnumerable<double?> numbers, string format)
    {
        if (name is null) json.WriteStartArray();
        else json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            if (number is { } finite && double.IsFinite(finite)) json.WriteNumberValue(Rounded(finite, format));
            else json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the value of a hyperparameter: a number, a text, or null.</summary>
    public static void WriteValue(this Utf8JsonWriter json, object? value)
    {
        if (value is double number) json.WriteNumberValue(number);
        else if (value is string text) json.WriteStringValue(Whole(text));
        else json.WriteNullValue();
    }

    private static double Rounded(double number, string format)
    {
        var rounded = double.Parse(number.ToString(format, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsFinite(rounded) ? rounded : number;
    }
}
