using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Describes errors in the names and types of values in the JSON of options, in more detail than System.Text.Json.</summary>
internal static class OptionsJsonFaults
{
    private const int LongestShown = 40;

    /// <summary>
    /// Describes the first error: an unknown type of an optimizer or a loss, an unknown name, or a value of a wrong type. Null if there is
    /// none.
    /// </summary>
    /// <param name="options">The type of the options.</param>
    /// <param name="parse">Returns the JSON.</param>
    /// <param name="settings">The serializer settings.</param>
    public static string? Of(Type options, Func<JsonNode?> parse, JsonSerializerOptions settings)
    {
        try
        {
            return parse() is var json && json is JsonObject root
                ? UnknownKind(options, root) ?? UnknownName(options, root, "$") ?? WrongValue(options, root, "$", settings)
                : $"$: options must be an object. Received: {Shown(json, "null")}";
        }
        // The text is not JSON, has a duplicate name, or has an unpaired surrogate.
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
        var kind = KindOf(type, members);
        var types = PropertiesOf(kind ?? type)
            .ToDictionary(property => OptionsJson.NameOf(property.Name), property => property.PropertyType);
        foreach (var (name, value) in members)
        {
            if (kind is not null && name == "type") continue;
            if (!types.TryGetValue(name, out var own))
                return $"{path} must have members of known names: {string.Join(", ", types.Keys)}.{Suggestion.For(name, types.Keys)} "
                    + $"Received: {Shown(name)}";
            // The reader of schedules has its own error messages.
            if (value is JsonObject inner && HasKnownMembers(own) && UnknownName(own, inner, $"{path}.{name}") is { } unknown)
                return unknown;
        }

        return null;
    }

    private static string? WrongValue(Type type, JsonObject members, string path, JsonSerializerOptions settings)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in PropertiesOf(KindOf(type, members) ?? type))
        {
            var (own, at) = (property.PropertyType, $"{path}.{OptionsJson.NameOf(property.Name)}");
            var takesNull = nullability.Create(property).WriteState == NullabilityState.Nullable;
            if (!members.TryGetPropertyValue(OptionsJson.NameOf(property.Name), out var value))
            {
                if (!property.IsDefined(typeof(RequiredMemberAttribute))) continue;
                return $"{at} must be {Describe(own)}. Received: none";
            }

            if (value is null && takesNull) continue;
            if (value is JsonObject inner && HasKnownMembers(own))
            {
                if (WrongValue(own, inner, at, settings) is { } within) return within;
            }
            else if (!IsOfType(value, own, settings))
            {
                return $"{at} must be {Describe(own)}{(takesNull ? ", or null" : "")}. Received: {Shown(value, "null")}";
            }
        }

        return null;
    }

    // The readers of schedules and enums have their own error messages.
    private static bool IsOfType(JsonNode? value, Type type, JsonSerializerOptions settings)
    {
        var own = Nullable.GetUnderlyingType(type) ?? type;
        if (value is not null && (own.IsEnum || (OptionsJson.HasMembers(own) && !HasKnownMembers(own)))) return true;
        if (value is null || HasKnownMembers(own)) return false;
        try
        {
            value.Deserialize(type, settings);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Describe(Type type)
    {
        var own = Nullable.GetUnderlyingType(type) ?? type;
        return own == typeof(string) ? "text"
            : own == typeof(bool) ? "true or false"
            : own == typeof(int) ? "a whole number of 32 bits"
            : own == typeof(TimeSpan) ? "a time, such as \"00:10:00\""
            : own.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(own).Select(OptionsJson.NameOf))}"
            : OptionsJson.HasMembers(own) ? "an object"
            : "a number";
    }

    private static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type.GetProperties()
        .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always });

    private static bool HasKnownMembers(Type type) =>
        OptionsJson.HasMembers(type) && type.GetCustomAttribute<JsonConverterAttribute>() is null;

    private static Type? KindOf(Type type, JsonObject members) =>
        KindsOf(type).FirstOrDefault(kind => $"{kind.TypeDiscriminator}" == $"{members["type"]}")?.DerivedType;

    private static IEnumerable<JsonDerivedTypeAttribute> KindsOf(Type type) => type.GetCustomAttributes<JsonDerivedTypeAttribute>();

    private static string Meant(JsonNode value, string[] kinds) =>
        kinds.FirstOrDefault(kind => kind.Equals($"{value}", StringComparison.OrdinalIgnoreCase)) ?? kinds[0];

    private static string Shown(JsonNode? value, string none = "none")
    {
        var text = value?.ToJsonString(OptionsJson.Settings) ?? none;
        return text.Length > LongestShown ? $"{text[..LongestShown]}…" : text;
    }
}
