using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Options of trainers as JSON: names in camelCase, members of enums too, what is null left out.</summary>
internal static class OptionsJson
{
    private const int LongestShown = 40;

    private static readonly JsonDocumentOptions ReadingOptions = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    private static readonly JsonSerializerOptions Settings = new()
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
        return Checked(() => JsonSerializer.Deserialize<TOptions>(json, Settings), () => JsonNode.Parse(json, null, ReadingOptions));
    }

    /// <summary>Reads options whose values are text.</summary>
    /// <exception cref="JsonException">An option is not known, or has a value that it cannot have.</exception>
    public static TOptions Read<TOptions>(JsonObject json) where TOptions : LinearTrainerOptions =>
        Checked(() => json.Deserialize<TOptions>(TextSettings), () => json);

    private static TOptions Checked<TOptions>(Func<TOptions?> read, Func<JsonNode?> parse) where TOptions : LinearTrainerOptions
    {
        try
        {
            var options = read() ?? throw new JsonException("$: options are an object. Received: null");
            CheckFinite(options);
            return options;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // What the checks of optimizers and losses refuse, and kinds of them that are not known.
            var message = UnknownKind(typeof(TOptions), parse) ?? (e is JsonException json ? WithPath(json) : e.Message);
            if (message == e.Message && e is JsonException) throw;
            throw new JsonException(message, (e as JsonException)?.Path, null, null, e);
        }
    }

    // A number that is too large for its type is read as infinity, which no option may be, and which JSON cannot hold.
    private static void CheckFinite(LinearTrainerOptions options)
    {
        foreach (var property in options.GetType().GetProperties())
            if (property.GetValue(options) is float.PositiveInfinity or float.NegativeInfinity
                or double.PositiveInfinity or double.NegativeInfinity)
            {
                throw new JsonException($"$.{NameOf(property.Name)} must be a finite number. Received: one that is too large");
            }
    }

    // Messages of converters of ours have no path, or one that begins at what they convert; those of System.Text.Json have one.
    private static string WithPath(JsonException e) => e.Path is not { } path || e.Message.Contains(" Path: ", StringComparison.Ordinal)
        ? e.Message
        : e.Message.StartsWith('$') ? path + e.Message[1..] : $"{path}: {e.Message}";

    /// <summary>An optimizer or a loss whose kind is not known, in words; null where there is none.</summary>
    private static string? UnknownKind(Type options, Func<JsonNode?> parse)
    {
        if (Parsed(parse) is not { } root) return null;
        foreach (var property in options.GetProperties())
        {
            string[] kinds =
                [.. property.PropertyType.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(kind => $"{kind.TypeDiscriminator}")];
            var name = NameOf(property.Name);
            if (kinds.Length == 0 || !root.TryGetPropertyValue(name, out var value) || value is null) continue;
            var all = string.Join(", ", kinds);
            if (value is not JsonObject members)
                return $"$.{name} must be an object, such as {{ \"type\": \"{Meant(value, kinds)}\" }}, whose type is one of {all}. "
                    + $"Received: {Shown(value)}";
            var kind = members["type"];
            if (kind is JsonValue text && text.TryGetValue<string>(out var given) && kinds.Contains(given)) continue;
            return $"$.{name}.type must be one of {all}.{(kind is JsonValue ? Suggestion.For($"{kind}", kinds) : "")} Received: "
                + $"{Shown(kind)}";
        }

        return null;
    }

    private static string Meant(JsonNode value, string[] kinds) =>
        kinds.FirstOrDefault(kind => kind.Equals($"{value}", StringComparison.OrdinalIgnoreCase)) ?? kinds[0];

    private static JsonObject? Parsed(Func<JsonNode?> parse)
    {
        try
        {
            var root = parse() as JsonObject;
            // What is given twice is found as members are asked for.
            _ = root?.Select(member => member.Value is JsonObject members ? members.Count : 0).Sum();
            return root;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Shown(JsonNode? value)
    {
        var text = value?.ToJsonString(Settings) ?? "none";
        return text.Length > LongestShown ? $"{text[..LongestShown]}…" : text;
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
