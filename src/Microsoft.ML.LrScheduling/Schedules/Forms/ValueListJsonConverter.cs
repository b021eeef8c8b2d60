using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Converts a list to a JSON array, and back.</summary>
internal sealed class ValueListJsonConverter : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ValueList<>);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GenericTypeArguments))!;

    /// <summary>Reads an array without null values.</summary>
    /// <exception cref="JsonException">The JSON is not an array, or contains null.</exception>
    public static T[] ReadArray<T>(ref Utf8JsonReader reader, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<T[]>(ref reader, options) is { } values && values.All(value => value is not null)
            ? values
            : throw new JsonException();

    private sealed class Converter<T> : JsonConverter<ValueList<T>>
    {
        public override ValueList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(ReadArray<T>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options)
        {
            if (value is ValueList<double> numbers && numbers.All(double.IsFinite))
                ExactNumbersJsonConverter.Write(writer, numbers.AsSpan());
            else
                JsonSerializer.Serialize(writer, value.ToArray(), options);
        }
    }
}
