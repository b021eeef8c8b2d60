using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Reads options of trainers from a configuration section, which has the same members as their JSON form. In a configuration, all values
/// are text, and names are not case-sensitive.
/// </summary>
internal static class OptionsConfiguration
{
    private const string Kind = "type";

    /// <summary>Reads options.</summary>
    /// <exception cref="JsonException">
    /// The section does not exist, names an unknown option, or has a value that is not valid for its option.
    /// </exception>
    public static TOptions Read<TOptions>(IConfiguration section) where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(section);
        CheckThere(section);
        try
        {
            return OptionsJson.Read<TOptions>(Members(section, typeof(TOptions), "$"));
        }
        catch (FormatException e)
        {
            // The exception of a schedule that is written as text.
            throw new JsonException(e.Message, e);
        }
    }

    private static void CheckThere(IConfiguration section)
    {
        var (path, value) = section is IConfigurationSection own ? ($"The section {own.Path}", own.Value) : ("The configuration", null);
        var hasMembers = section.GetChildren().Any();
        if (value is not null)
            throw new JsonException($"{path} must have members, which are options{(hasMembers ? ", and no value" : "")}. Received: "
                + JsonValue.Create(value).ToJsonString(OptionsJson.Settings));
        if (hasMembers) return;
        throw new JsonException(section is IConfigurationSection
            ? $"{path} does not exist, or has no members. Its members are the options. For default options, use the constructor."
            : $"{path} must have members, which are options. Received: none");
    }

    private static JsonObject Members(IConfiguration section, Type type, string path)
    {
        var members = new JsonObject();
        foreach (var child in section.GetChildren())
        {
            // An unknown name is kept, and the JSON reader then rejects it.
            var property = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            var name = OptionsJson.NameOf(property?.Name ?? child.Key);
            members[name] = Value(child, property?.PropertyType ?? typeof(string), $"{path}.{name}");
        }

        return members;
    }

    private static JsonNode? Value(IConfigurationSection section, Type type, string path)
    {
        if (IsValue(section, path)) return Value(section.Value, type, path);
        if (type == typeof(LrSchedule)) return Untyped(section, path, keepsText: false);
        var kind = type.IsDefined(typeof(JsonPolymorphicAttribute)) && section[Kind] is { } name ? KindNamed(name, type) : null;
        var members = Members(section, kind?.DerivedType ?? type, path);
        if (kind is not null) members[Kind] = (string?)kind.TypeDiscriminator;
        return members;
    }

    private static JsonNode? Value(string? text, Type type, string path)
    {
        var isKind = type.IsDefined(typeof(JsonPolymorphicAttribute));
        if (text is null)
        {
            // Null and an object without members are the same in a configuration.
            var hasText = isKind || type == typeof(LrSchedule) || type == typeof(Checkpoints);
            return !OptionsJson.HasMembers(type) ? null
                : throw new JsonException($"{path} must {(hasText ? "be a value, or have members. Received: neither" : "have members. "
                    + "Received: none")}. Leave it out for the default.");
        }

        if (type == typeof(LrSchedule)) return JsonNode.Parse(LrSchedule.Parse(text, CultureInfo.InvariantCulture).ToJson());
        if (type == typeof(Checkpoints)) return new JsonObject { [OptionsJson.NameOf(nameof(Checkpoints.Folder))] = text };
        return isKind
            // An optimizer or a loss can be written as its name alone.
            ? new JsonObject { [Kind] = KindNamed(text, type)?.TypeDiscriminator as string ?? text }
            : JsonValue.Create(text);
    }

    private static JsonDerivedTypeAttribute? KindNamed(string name, Type type) =>
        type.GetCustomAttributes<JsonDerivedTypeAttribute>()
            .FirstOrDefault(kind => name.Trim().Equals((string?)kind.TypeDiscriminator, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a section is a value, and has no members.</summary>
    /// <exception cref="JsonException">
    /// It has both, which happens if one configuration source overrides another in a different form. Which one came last is not known.
    /// </exception>
    private static bool IsValue(IConfigurationSection section, string path)
    {
        string[] members = [.. section.GetChildren().Select(child => child.Key)];
        if (members.Length > 0 && section.Value is { } value)
            throw new JsonException($"{path} must be a value, or have members. Received: both, "
                + $"{JsonValue.Create(value).ToJsonString(OptionsJson.Settings)} and {string.Join(", ", members)}. A configuration that "
                + "overrides another must use the same form.");
        return members.Length == 0;
    }

    /// <summary>
    /// Reads a schedule, whose members depend on its type. Text that is a number or a Boolean in JSON becomes one, except where an
    /// expression is expected.
    /// </summary>
    private static JsonNode? Untyped(IConfigurationSection section, string path, bool keepsText)
    {
        if (IsValue(section, path)) return keepsText ? JsonValue.Create(section.Value) : Literal(section.Value);
        var children = section.GetChildren().ToArray();
        // An array is a section whose keys count from 0.
        if (Array.TrueForAll(children, child => IndexOf(child) is not null))
            return new JsonArray([.. children.OrderBy(IndexOf).Select(child => Untyped(child, $"{path}[{child.Key}]", keepsText))]);
        var kind = section[Kind] is { } named
            ? ScheduleKind.All.Values.FirstOrDefault(kind => kind.Name.Equals(named.Trim(), StringComparison.OrdinalIgnoreCase)) : null;
        var members = new JsonObject();
        foreach (var child in children)
        {
            if (child.Key.Equals(Kind, StringComparison.OrdinalIgnoreCase))
            {
                members[Kind] = kind?.Name ?? child.Value;
                continue;
            }

            var property = kind?.Properties.FirstOrDefault(own => own.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            var name = property?.Name ?? OptionsJson.NameOf(child.Key);
            property ??= kind is null ? null : TorchSettings.Find(kind, child.Key);
            members[name] = Untyped(child, $"{path}.{name}", property is not null && ScheduleValues.HoldsFunctions(property.Type));
        }

        return members;
    }

    private static int? IndexOf(IConfigurationSection section) =>
        int.TryParse(section.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private static JsonNode? Literal(string? text)
    {
        if (text is null) return null;
        if (bool.TryParse(text, out var truth)) return truth;
        try
        {
            // Parsed as JSON, which keeps the decimal point: 1.0 is the whole run, but 1 is one step.
            return JsonNode.Parse(text) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
                && double.IsFinite(value.GetValue<double>())
                ? value
                : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
