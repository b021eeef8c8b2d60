using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Makes the JSON schema of docs/schedule.schema.json: kinds and properties from the code, descriptions and ranges from its documentation
/// comments.
/// </summary>
internal static partial class ScheduleSchema
{
    private static readonly Dictionary<string, string> Summaries =
        XDocument.Load(Path.ChangeExtension(typeof(LrSchedule).Assembly.Location, "xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => TextOf(member.Element("summary")!));

    public static JsonNode Create()
    {
        var kinds = ScheduleKind.All.Values.OrderBy(kind => kind.Name, StringComparer.Ordinal).ToArray();
        var definitions = new JsonObject
        {
            ["schedule"] = new JsonObject
            {
                ["description"] = Summaries["T:" + typeof(LrSchedule).FullName],
                ["type"] = "object",
                ["properties"] = new JsonObject { ["type"] = new JsonObject { ["enum"] = Strings(kinds.Select(kind => kind.Name)) } },
                ["required"] = Strings(["type"]),
                ["oneOf"] = new JsonArray([.. kinds.Select(kind => Reference(kind.Name))]),
            },
            ["function"] = new JsonObject
            {
                ["description"] = "An expression in epoch (or x, which is the same), such as 0.95 ** epoch.",
                ["type"] = "string",
                ["maxLength"] = 1000,
            },
        };
        foreach (var kind in kinds) definitions.Add(kind.Name, Definition(kind));
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Learning-rate schedule",
            ["$ref"] = "#/$defs/schedule",
            ["$defs"] = definitions,
        };
    }

    private static JsonObject Definition(ScheduleKind kind)
    {
        var type = kind.Create().GetType();
        var properties = new JsonObject
        {
            [ScheduleJson.SchemaProperty] = new JsonObject { ["type"] = "string" },
            [ScheduleJson.TypeProperty] = new JsonObject { ["const"] = kind.Name },
        };
        foreach (var property in kind.Properties) properties.Add(property.Name, Definition(property, type));
        return new JsonObject
        {
            ["description"] = Summaries["T:" + type.FullName],
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = Strings(["type", .. kind.Properties.Where(property => property.IsRequired).Select(property => property.Name)]),
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Definition(ScheduleProperty property, Type kind)
    {
        var description = DescriptionOf(property, kind);
        var schema = new JsonObject { ["description"] = description };
        foreach (var (name, value) in TypeOf(property, kind, description)) schema.Add(name, value?.DeepClone());
        if (property.Default is { } given)
            schema.Add("default", JsonSerializer.SerializeToNode(given, property.Type, ScheduleValues.Options));
        return schema;
    }

    private static JsonObject TypeOf(ScheduleProperty property, Type kind, string description)
    {
        if (property.Type.IsEnum) return AnyOf(Words(Enum.GetValuesAsUnderlyingType(property.Type).Cast<object>()
            .Select(value => Enum.ToObject(property.Type, value)).Where(member => Accepts(property, kind, member))));
        var type = TypeOf(property.Type, description);
        return property.Type == typeof(ScheduleFunction) && Accepts(property, kind, null) ? AnyOf(type, Null()) : type;
    }

    // A kind may refuse a member, as a plateau does all intervals but one.
    private static bool Accepts(ScheduleProperty property, Type kind, object? value)
    {
        try
        {
            property.Set(ScheduleKind.All[kind.Name].Create(), value);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static JsonObject TypeOf(Type type, string description)
    {
        if (Nullable.GetUnderlyingType(type) is { IsEnum: true } words)
            return AnyOf([.. Words(Enum.GetValues(words).Cast<object>()), Null()]);
        if (Nullable.GetUnderlyingType(type) is { } underlying) return AnyOf(TypeOf(underlying, description), Null());
        if (type == typeof(LrSchedule)) return Reference("schedule");
        if (type == typeof(ScheduleFunction)) return Reference("function");
        if (type == typeof(bool)) return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(RunLength))
            return AnyOf(
                WithRange(typeof(int), description),
                new JsonObject
                {
                    ["description"] = "A fraction of the run.",
                    ["type"] = "number",
                    ["exclusiveMinimum"] = 0,
                    ["maximum"] = 1,
                });
        if (!type.IsGenericType) return WithRange(type, description);

        var one = type.GenericTypeArguments[0];
        var list = new JsonObject { ["type"] = "array", ["items"] = TypeOf(one, description) };
        var isPerGroup = type.GetGenericTypeDefinition() == typeof(PerGroup<>);
        if (isPerGroup || description.Contains("at least one", StringComparison.Ordinal)) list.Add("minItems", 1);
        if (one == typeof(LrSchedule)) list.Add("maxItems", CompositeSchedule.MaximumSize - 1);
        if (one == typeof(ScheduleFunction)) list.Add("maxItems", ScheduleLimits.MostFunctions);
        return isPerGroup ? AnyOf(TypeOf(one, description), list) : list;
    }

    /// <summary>Words as they are written, and as they are read: in other case, and with underscores.</summary>
    private static JsonNode[] Words(IEnumerable<object> members)
    {
        string[] words = [.. members.Select(member => JsonNamingPolicy.CamelCase.ConvertName($"{member}"))];
        var letters = words.Select(word => string.Join("_*", word.Select(letter => char.IsLetter(letter)
            ? $"[{char.ToLowerInvariant(letter)}{char.ToUpperInvariant(letter)}]" : $"{letter}")));
        return
        [
            new JsonObject { ["enum"] = Strings(words) },
            new JsonObject { ["type"] = "string", ["pattern"] = $"^_*({string.Join('|', letters)})_*$" },
        ];
    }

    private static JsonObject Null() => new() { ["type"] = "null" };

    /// <summary>The range that a description gives as <c>at least 1</c> or <c>in (0, 1]</c>.</summary>
    private static JsonObject WithRange(Type type, string description)
    {
        var schema = new JsonObject { ["type"] = type == typeof(double) ? "number" : "integer" };
        if (AtLeast().Match(description) is { Success: true } bound)
            schema.Add("minimum", Number(bound.Groups[1].Value));
        else if (Interval().Match(description) is { Success: true } range)
        {
            schema.Add(range.Groups[1].Value == "(" ? "exclusiveMinimum" : "minimum", Number(range.Groups[2].Value));
            if (range.Groups[3].Value != "∞")
                schema.Add(range.Groups[4].Value == ")" ? "exclusiveMaximum" : "maximum", Number(range.Groups[3].Value));
        }

        if (type == typeof(int)) schema.Add("maximum", int.MaxValue);
        if (type == typeof(long)) schema.Add("maximum", long.MaxValue);
        return schema;
    }

    private static string DescriptionOf(ScheduleProperty property, Type kind)
    {
        for (var type = kind; type is not null; type = type.BaseType)
            if (Summaries.TryGetValue($"P:{type.FullName}.{char.ToUpperInvariant(property.Name[0])}{property.Name[1..]}", out var summary))
                return summary;
        throw new InvalidOperationException($"{property.Name} of {kind.Name} has no summary.");
    }

    /// <summary>The text of a comment, with the last part of each name that it refers to; names of properties as in JSON.</summary>
    private static string TextOf(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { IsEmpty: true } reference => NameOf(reference.FirstAttribute?.Value ?? ""),
            XElement element => element.Value,
            _ => ((XText)node).Value,
        }));
        return Spaces().Replace(text, " ").Trim();
    }

    private static string NameOf(string reference)
    {
        var name = reference.Split('(')[0].Split('.')[^1];
        return reference.StartsWith("T:", StringComparison.Ordinal) ? name : JsonNamingPolicy.CamelCase.ConvertName(name);
    }

    private static JsonNode Number(string digits) =>
        JsonNode.Parse(double.Parse(digits, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture))!;

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    private static JsonObject AnyOf(params JsonNode[] schemas) => new() { ["anyOf"] = new JsonArray(schemas) };

    [GeneratedRegex(@"at least ([0-9]+)\b")]
    private static partial Regex AtLeast();

    [GeneratedRegex(@"in ([\[(])([0-9.]+), ([0-9.]+|∞)([\])])")]
    private static partial Regex Interval();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
