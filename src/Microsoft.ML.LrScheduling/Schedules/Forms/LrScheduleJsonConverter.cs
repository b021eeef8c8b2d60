using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Writes schedules in their JSON form, whatever the serializer options are. It reads the JSON form and the text form.</summary>
internal sealed class LrScheduleJsonConverter : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(LrSchedule));

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<T> : JsonConverter<T> where T : LrSchedule
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            ScheduleLimits.Check(reader);
            var schedule = reader.TokenType == JsonTokenType.String
                ? FromText(reader.GetString()!) : Read(JsonElement.ParseValue(ref reader));
            return schedule as T ?? throw new JsonException($"type must be {typeof(T).Name}. Received: {schedule.GetType().Name}");
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => ScheduleJson.Write(writer, value);

        private static LrSchedule FromText(string text)
        {
            try
            {
                return LrSchedule.Parse(text, CultureInfo.InvariantCulture);
            }
            catch (FormatException e)
            {
                throw new JsonException($"$: {e.Message}", e);
            }
        }

        private static LrSchedule Read(JsonElement json)
        {
            try
            {
                return ScheduleJson.Read(json);
            }
            catch (JsonException e)
            {
                // The exception gets the path in the whole document only if it has none. The message keeps the path within the schedule.
                throw new JsonException(e.Message, e);
            }
        }
    }
}
