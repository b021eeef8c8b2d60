using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Writes values that JSON or a page cannot show: characters that are not seen, NaN and infinity.</summary>
internal static class ReportJson
{
    /// <summary>The text in a line, with characters that would not be seen, or change the order of others, by their code.</summary>
    public static string Visible(string text) => VisibleText.Of(text.ReplaceLineEndings(" ").Replace('\t', ' '));

    /// <summary>Writes a property: a finite number, or else null.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } finite && double.IsFinite(finite)) json.WriteNumber(name, finite);
        else json.WriteNull(name);
    }

    /// <summary>Writes a property: a list of numbers, with null for a number that is not finite.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">The name of the property.</param>
    /// <param name="numbers">The numbers.</param>
    /// <param name="format">The format that rounds a number, such as G5 for five digits.</param>
    public static void WriteNumbers(this Utf8JsonWriter json, string name, IEnumerable<double?> numbers, string format)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            if (number is { } finite && double.IsFinite(finite)) json.WriteNumberValue(Rounded(finite, format));
            else json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    /// <summary>
    /// Writes the values of a curve as an element of a list: null for a value that is not defined, ∞ or −∞ as text.
    /// </summary>
    public static void WriteCurve(this Utf8JsonWriter json, IEnumerable<double?> values, string format)
    {
        json.WriteStartArray();
        foreach (var value in values)
        {
            if (value is { } number && double.IsFinite(number)) json.WriteNumberValue(Rounded(number, format));
            else if (value is { } other && double.IsInfinity(other)) json.WriteStringValue(other > 0 ? "∞" : "−∞");
            else json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the value of a hyperparameter: a number, a text or null.</summary>
    public static void WriteValue(this Utf8JsonWriter json, object? value)
    {
        if (value is double number) json.WriteNumberValue(number);
        else if (value is string text) json.WriteStringValue(Visible(text));
        else json.WriteNullValue();
    }

    private static double Rounded(double number, string format)
    {
        var rounded = double.Parse(number.ToString(format, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsFinite(rounded) ? rounded : number;
    }
}
