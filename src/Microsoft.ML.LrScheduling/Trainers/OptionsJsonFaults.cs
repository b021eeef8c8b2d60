using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What is wrong with the names in options as JSON, in words.</summary>
internal static class OptionsJsonFaults
{
    private const int LongestShown = 40;

    /// <summary>The first name that is not known: of an optimizer or a loss, or of an option; null where all are.</summary>
    /// <param name="options">The type of the options.</param>
    /// <param name="parse">Gives the JSON.</param>
    public static string? Of(Type options, Func<JsonNode?> parse)
    {
        try
        {
            return parse() is JsonObject root ? UnknownKind(options, root) ?? UnknownName(options, root, "$") : null;
        }
        // It is no JSON, has a name twice, or half a surrogate.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? UnknownKind(Type options, JsonObject root)
    {
        foreach (var property in options.GetProperties())
        {
            string[] kinds = [.. KindsOf(property.PropertyType).Select(kind => $"{kind.TypeDiscriminator}")];
            var name = OptionsJson.NameOf(property.Name);
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

    private static string? UnknownName(Type type, JsonObject members, string path)
    {
        var kind = KindsOf(type).FirstOrDefault(kind => $"{kind.TypeDiscriminator}" == $"{members["type"]}")?.DerivedType;
        var types = (kind ?? type).GetProperties()
            .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
            .ToDictionary(property => OptionsJson.NameOf(property.Name), property => property.PropertyType);
        foreach (var (name, value) in members)
        {
            if (kind is not null && name == "type") continue;
            if (!types.TryGetValue(name, out var own))
                return $"{path} must have members of known names: {string.Join(", ", types.Keys)}.{Suggestion.For(name, types.Keys)} "
                    + $"Received: {Shown(name)}";
            // A schedule says itself what is wrong with it.
            if (value is JsonObject inner && own.GetCustomAttribute<JsonConverterAttribute>() is null
                && UnknownName(own, inner, $"{path}.{name}") is { } unknown)
                return unknown;
        }

        return null;
    }

    private static IEnumerable<JsonDerivedTypeAttribute> KindsOf(Type type) => type.GetCustomAttributes<JsonDerivedTypeAttribute>();

    private static string Meant(JsonNode value, string[] kinds) =>
        kinds.FirstOrDefault(kind => kind.Equals($"{value}", StringComparison.OrdinalIgnoreCase)) ?? kinds[0];

    private static string Shown(JsonNode? value)
    {
        var text = value?.ToJsonString(OptionsJson.Settings) ?? "none";
        return text.Length > LongestShown ? $"{text[..LongestShown]}…" : text;
    }
}
