using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Writes numbers so that reading them returns the same bits. Infinities and NaN are written as strings. .NET 10 writes 2^−25 and
/// 2^−958 with one digit too few, so that reading would return a neighboring number; such numbers are written with 17 digits.
/// </summary>
internal sealed class ExactNumbersJsonConverter : JsonConverter<ImmutableArray<double>>
{
    /// <inheritdoc/>
    public override ImmutableArray<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<double[]>(ref reader, Named) is { } numbers ? [.. numbers] : throw new JsonException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ImmutableArray<double> value, JsonSerializerOptions options) =>
        Write(writer, value.AsSpan());

    /// <summary>Writes numbers as an array.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<double> numbers)
    {
        writer.WriteStartArray();
        foreach (var number in numbers)
            if (!double.IsFinite(number)) JsonSerializer.Serialize(writer, number, Named);
            else if (IsExact(number)) writer.WriteNumberValue(number);
            else writer.WriteRawValue(number.ToString("G17", CultureInfo.InvariantCulture));
        writer.WriteEndArray();
    }

    private static JsonSerializerOptions Named { get; } = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static bool IsExact(double number)
    {
        Span<char> text = stackalloc char[32];
        return number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture)
            && double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture) == number;
    }
}
