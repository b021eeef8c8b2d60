using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>
/// Converts enums to and from JSON, as values and as names of properties. It writes names in camelCase. It reads names in any case and in
/// snake case, which PyTorch uses for some settings. For any other text, the exception lists the valid names.
/// </summary>
internal sealed class EnumJsonConverter : JsonConverterFactory
{
    private const int LongestShown = 40;

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<T> : JsonConverter<T> where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String) return Member(reader.GetString()!);
            var json = JsonElement.ParseValue(ref reader).GetRawText();
            throw Refused(json.Length > LongestShown ? $"{json[..LongestShown]}…" : json);
        }

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Member(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Name(value));

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WritePropertyName(Name(value));

        private static T Member(string text)
        {
            var word = text.Replace("_", "", StringComparison.Ordinal);
            foreach (var member in Enum.GetValues<T>())
                if (word.Equals(member.ToString(), StringComparison.OrdinalIgnoreCase))
                    return member;
            throw Refused(
                $"\"{(text.Length > LongestShown ? $"{text[..LongestShown]}…" : text)}\"",
                Suggestion.For(text, Enum.GetValues<T>().Select(Name)));
        }

        private static JsonException Refused(string received, string suggestion = "") => new(
            $"{typeof(T).Name} must be one of {string.Join(", ", Enum.GetValues<T>().Select(Name))}.{suggestion} Received: {received}");

        private static string Name(T member) => JsonNamingPolicy.CamelCase.ConvertName(member.ToString());
    }
}
