using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Options of trainers as JSON: names in camelCase, enums by name, what is null left out.</summary>
internal static class OptionsJson
{
    private static readonly JsonSerializerOptions Settings = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>What a property is called.</summary>
    public static string NameOf(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

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
        try
        {
            return JsonSerializer.Deserialize<TOptions>(json, Settings)
                ?? throw new JsonException("$: options are an object. Received: null");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // What the checks of optimizers and losses refuse, and kinds of them that are not known.
            throw new JsonException(e.Message, e);
        }
    }
}
