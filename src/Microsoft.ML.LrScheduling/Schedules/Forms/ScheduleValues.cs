using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Converts the values of a schedule's properties to JSON and back.</summary>
internal static class ScheduleValues
{
    public static readonly JsonSerializerOptions Options = new()
    {
        // The depth counts from the root of the whole document, and the reader or writer of the document limits it.
        MaxDepth = 1000,
        Converters =
        {
            new PerGroupConverterFactory(), new EnumJsonConverter(), new WholeNumberConverter<int>(), new WholeNumberConverter<long>(),
        },
    };

    /// <summary>Describes the valid values of a type, for error messages.</summary>
    public static string Describe(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return $"{Describe(underlying)}, or null";
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        if (type.IsGenericType)
        {
            var one = Describe(type.GenericTypeArguments[0]);
            return type.GetGenericTypeDefinition() == typeof(PerGroup<>)
                ? $"{one}, or an array with one for each parameter group"
                : $"an array, each {one}";
        }

        if (type == typeof(LrSchedule)) return "a schedule";
        if (type == typeof(ScheduleFunction)) return "an expression in quotes";
        if (type == typeof(RunLength)) return "a whole number, or a fraction of the run in (0, 1]";
        if (type == typeof(bool)) return "true or false";
        return type == typeof(double) ? "a number" : "a whole number";
    }

    /// <summary>The largest whole number of a type.</summary>
    public static long MaximumOf(Type type) => type == typeof(long) || type == typeof(long?) ? long.MaxValue : int.MaxValue;

    /// <summary>Whether a type contains functions. Errors in an expression have their own messages, with the position.</summary>
    public static bool HoldsFunctions(Type type) => type == typeof(ScheduleFunction)
        || type == typeof(PerGroup<ScheduleFunction>) || type == typeof(ValueList<ScheduleFunction>);

    /// <summary>Reads an integer that may have a fraction of zero: in JSON Schema, 2.0 is an integer too.</summary>
    private sealed class WholeNumberConverter<T> : JsonConverter<T> where T : struct, IBinaryInteger<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.Number) throw new JsonException();
            try
            {
                if (reader.TryGetInt64(out var whole)) return T.CreateChecked(whole);
                // A number that is too small for decimal becomes 0, although it is not an integer.
                return reader.TryGetDecimal(out var number) && number == decimal.Floor(number) && (number != 0 || reader.GetDouble() == 0)
                    ? T.CreateChecked(number)
                    : throw new JsonException();
            }
            catch (OverflowException e)
            {
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(long.CreateChecked(value));
    }

    /// <summary>Writes a setting per group as an array, or as a single value if all groups share it.</summary>
    private sealed class PerGroupConverterFactory : JsonConverterFactory
    {
        public override bool CanConvert(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(PerGroup<>);

        public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(PerGroupConverter<>).MakeGenericType(type.GenericTypeArguments))!;
    }

    private sealed class PerGroupConverter<T> : JsonConverter<PerGroup<T>>
    {
        public override PerGroup<T> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.StartArray
                ? ValueListJsonConverter.ReadArray<T>(ref reader, options)
                : [JsonSerializer.Deserialize<T>(ref reader, options) ?? throw new JsonException()];

        public override void Write(Utf8JsonWriter writer, PerGroup<T> value, JsonSerializerOptions options)
        {
            if (value.Count == 1) JsonSerializer.Serialize(writer, value[0], options);
            else JsonSerializer.Serialize(writer, value.ToArray(), options);
        }
    }
}
