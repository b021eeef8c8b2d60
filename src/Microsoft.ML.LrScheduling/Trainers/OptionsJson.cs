using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Options of trainers as JSON: names in camelCase, members of enums too, what is null left out.</summary>
internal static class OptionsJson
{
    private static readonly JsonSerializerOptions Settings = new()
    {
        AllowDuplicateProperties = false,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    // A configuration has nothing but text.
    private static readonly JsonSerializerOptions TextSettings = new(Settings)
    {
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new BooleanTextConverter() },
    };

    /// <summary>What a property, or a member of an enum, is called.</summary>
    public static string NameOf(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>The options as JSON.</summary>
    /// <exception cref="NotSupportedException">A schedule holds a delegate.</exception>
    public static string Write(LinearTrainerOptions options) => JsonSerializer.Serialize(options, options.GetType(), Settings);

    /// <summary>Reads options.</summary>
    /// <exception cref="JsonException">
    /// The text is not JSON, names an unknown option, or holds a value that an option cannot have.
    /// </exception>
    public static TOptions Read<TOptions>(string json) where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(json);
        return Checked(() => JsonSerializer.Deserialize<TOptions>(json, Settings));
    }

    /// <summary>Reads options whose values are text.</summary>
    /// <exception cref="JsonException">An option is not known, or has a value that it cannot have.</exception>
    public static TOptions Read<TOptions>(JsonObject json) where TOptions : LinearTrainerOptions =>
        Checked(() => json.Deserialize<TOptions>(TextSettings));

    private static TOptions Checked<TOptions>(Func<TOptions?> read) where TOptions : LinearTrainerOptions
    {
        try
        {
            return read() ?? throw new JsonException("$: options are an object. Received: null");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // What the checks of optimizers and losses refuse, and kinds of them that are not known.
            throw new JsonException(e.Message, e);
        }
    }

    private sealed class BooleanTextConverter : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && bool.TryParse(reader.GetString(), out var value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
    }
}
