using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Converts options of trainers to JSON and back. Names and members of enums are in camelCase, and null values are omitted.
/// </summary>
internal static class OptionsJson
{
    private static readonly JsonDocumentOptions ReadingOptions = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    /// <summary>The serializer settings.</summary>
    public static JsonSerializerOptions Settings { get; } = new()
    {
        AllowDuplicateProperties = false,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new EnumJsonConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = ScheduleJson.DocumentDepth,
        // Ignored properties are removed from the contract. Otherwise a value for them would be ignored and not rejected.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutIgnored } },
    };

    // In a configuration, all values are text.
    private static readonly JsonSerializerOptions TextSettings = new(Settings)
    {
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new BooleanTextConverter() },
    };

    /// <summary>Returns the JSON name of a property or of a member of an enum.</summary>
    public static string NameOf(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>Whether values of a type are objects in JSON: optimizers, schedules and other settings.</summary>
    public static bool HasMembers(Type type) => type.IsClass && type != typeof(string);

    /// <summary>Returns the options as JSON.</summary>
    /// <exception cref="NotSupportedException">A schedule contains a delegate.</exception>
    public static string Write(LinearTrainerOptions options) => JsonSerializer.Serialize(options, options.GetType(), Settings);

    /// <summary>Reads options.</summary>
    /// <exception cref="JsonException">
    /// The text is not JSON, names an unknown option, or has a value that is not valid for its option.
    /// </exception>
    public static TOptions Read<TOptions>(string json) where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(json);
        return Checked(
            () => JsonSerializer.Deserialize<TOptions>(json, Settings), () => JsonNode.Parse(json, null, ReadingOptions), Settings);
    }

    /// <summary>Reads options whose values are text.</summary>
    /// <exception cref="JsonException">An option is unknown, or has a value that is not valid.</exception>
    public static TOptions Read<TOptions>(JsonObject json) where TOptions : LinearTrainerOptions =>
        Checked(() => json.Deserialize<TOptions>(TextSettings), () => json, TextSettings);

    private static TOptions Checked<TOptions>(Func<TOptions?> read, Func<JsonNode?> parse, JsonSerializerOptions settings)
        where TOptions : LinearTrainerOptions
    {
        try
        {
            var options = read() ?? throw new JsonException("$: options must be an object. Received: null");
            CheckFinite(options);
            return options;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // Thrown by the checks of optimizers and losses, for unknown names, and for values of other types.
            var message = OptionsJsonFaults.Of(typeof(TOptions), parse, settings) ?? e switch
            {
                // An unpaired surrogate.
                JsonException { InnerException: InvalidOperationException, Path: var path } =>
                    $"{path}: the JSON holds text that is not Unicode.",
                JsonException json => WithPath(json),
                _ => e.Message,
            };
            if (message == e.Message && e is JsonException) throw;
            throw new JsonException(message, (e as JsonException)?.Path, null, null, e);
        }
    }

    private static void LeaveOutIgnored(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i] is { Get: null, Set: null }) type.Properties.RemoveAt(i);
    }

    // A number that is too large for its type becomes infinity. No option allows this, and JSON could not contain it.
    private static void CheckFinite(LinearTrainerOptions options)
    {
        foreach (var property in options.GetType().GetProperties())
            if (property.GetValue(options) is float.PositiveInfinity or float.NegativeInfinity
                or double.PositiveInfinity or double.NegativeInfinity)
            {
                throw new JsonException($"$.{NameOf(property.Name)} must be a finite number. Received: one that is too large");
            }
    }

    // The messages of this library's converters have no path, or only one within the converted value. Those of System.Text.Json have the
    // path.
    private static string WithPath(JsonException e) => e.Path is not { } path || e.Message.Contains(" Path: ", StringComparison.Ordinal)
        ? e.Message
        : e.Message.StartsWith('$') ? path + e.Message[1..] : $"{path}: {e.Message}";

    private sealed class BooleanTextConverter : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && bool.TryParse(reader.GetString(), out var value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
    }
}
