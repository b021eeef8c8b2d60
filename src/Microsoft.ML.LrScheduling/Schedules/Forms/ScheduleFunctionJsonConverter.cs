using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Converts a function to the string of its expression, and back.</summary>
internal sealed class ScheduleFunctionJsonConverter : JsonConverter<ScheduleFunction>
{
    /// <inheritdoc/>
    public override ScheduleFunction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String) throw new JsonException();
        try
        {
            return ScheduleFunction.Parse(reader.GetString()!, CultureInfo.InvariantCulture);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ScheduleFunction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Expression ?? throw new NotSupportedException(
            "A function from a delegate exists only in memory. To write it, use an expression such as \"0.95 ** epoch\"."));
}
