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
/// Options of trainers from a section of a configuration, which has the members of their JSON form. All values of a section are text, and
/// its names may be in any case.
/// </summary>
internal static class OptionsConfiguration
{
    private const string Kind = "type";

    /// <summary>Reads options.</summary>
    /// <exception cref="JsonException">The section names an unknown option, or holds a value that an option cannot have.</exception>
    public static TOptions Read<TOptions>(IConfiguration section) where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(section);
        try
        {
            return OptionsJson.Read<TOptions>(Members(section, typeof(TOptions)));
        }
        catch (FormatException e)
        {
            // A schedule as text.
            throw new JsonException(e.Message, e);
        }
    }

    private static JsonObject Members(IConfiguration section, Type type)
    {
        var members = new JsonObject();
        foreach (var child in section.GetChildren())
        {
            // What there is not keeps its name, which the reader of JSON refuses.
            var property = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            members[OptionsJson.NameOf(property?.Name ?? child.Key)] = Value(child, property?.PropertyType ?? typeof(string));
        }

        return members;
    }

    private static JsonNode? Value(IConfigurationSection section, Type type)
    {
        if (!section.GetChildren().Any()) return Value(section.Value, type);
        if (type == typeof(LrSchedule)) return Untyped(section);
        var kind = type.IsDefined(typeof(JsonPolymorphicAttribute)) && section[Kind] is { } name ? KindNamed(name, type) : null;
        var members = Members(section, kind?.DerivedType ?? type);
        if (kind is not null) members[Kind] = (string?)kind.TypeDiscriminator;
        return members;
    }

    private static JsonNode? Value(string? text, Type type)
    {
        if (text is null) return null;
        if (type == typeof(LrSchedule)) return JsonNode.Parse(LrSchedule.Parse(text, CultureInfo.InvariantCulture).ToJson());
        if (type == typeof(Checkpoints)) return new JsonObject { [OptionsJson.NameOf(nameof(Checkpoints.Folder))] = text };
        return type.IsDefined(typeof(JsonPolymorphicAttribute))
            // An optimizer or a loss by its name alone.
            ? new JsonObject { [Kind] = KindNamed(text, type)?.TypeDiscriminator as string ?? text }
            : JsonValue.Create(text);
    }

    private static JsonDerivedTypeAttribute? KindNamed(string name, Type type) =>
        type.GetCustomAttributes<JsonDerivedTypeAttribute>()
            .FirstOrDefault(kind => name.Trim().Equals((string?)kind.TypeDiscriminator, StringComparison.OrdinalIgnoreCase));

    /// <summary>A schedule, whose members are known by its kind alone: text that is a number or a truth value in JSON is that.</summary>
    private static JsonNode? Untyped(IConfigurationSection section)
    {
        var children = section.GetChildren().ToArray();
        if (children.Length == 0) return Literal(section.Value);
        // An array is a section whose keys count from 0.
        if (children.All(child => int.TryParse(child.Key, CultureInfo.InvariantCulture, out _)))
            return new JsonArray([.. children.OrderBy(child => int.Parse(child.Key, CultureInfo.InvariantCulture)).Select(Untyped)]);
        var members = new JsonObject();
        foreach (var child in children)
        {
            var isKind = child.Key.Equals(Kind, StringComparison.OrdinalIgnoreCase);
            members[OptionsJson.NameOf(child.Key)] = isKind ? child.Value : Untyped(child);
        }

        return members;
    }

    private static JsonNode? Literal(string? text)
    {
        if (bool.TryParse(text, out var truth)) return truth;
        if (int.TryParse(text, CultureInfo.InvariantCulture, out var integer)) return integer;
        return double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : JsonValue.Create(text);
    }
}
