using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Makes documents of a schema, at random, and changes them here and there.</summary>
internal sealed class SchemaDocuments(SchemaValidator schema, int seed)
{
    private const int Deepest = 3;

    private static readonly string[] Expressions = ["1", "0.95 ** epoch", "min(1, x / 10)", "x +", "", "delegate"];

    private static readonly string[] OddValues =
    [
        "null", "true", "false", "0", "-0", "1", "2", "-1", "2.0", "1e1", "2.5", "0.5", "-1e-9", "1e-300", "1e300", "2147483647",
        "2147483648", "2147483647.0", "1e10", "9223372036854775807", "1e19", "\"\"", "\"1\"", "\"epoch\"", "\"Batch\"",
        "\"BATCH\"", "\"_batch_\"",
        "\"exp_range\"", "\"EXPRANGE\"", "\"cos\"", "\"Validation_Loss\"", "\"StepLR\"", "\"stepLR\"", "[]", "{}", "[1]", "[1,2]", "[2,1]",
        "[1,2.0]", "[1,\"2\"]", "[null]", "[[1]]", "{\"type\":\"StepLR\",\"stepSize\":3}",
        "{\"type\":\"ConstantLR\",\"interval\":\"batch\"}", "[{\"type\":\"ConstantLR\"},{\"type\":\"ReduceLROnPlateau\"}]",
    ];

    private static readonly string[] Names =
        ["$schema", "type", "interval", "gamma", "milestones", "schedules", "schedule", "unknown", "Gamma"];

    private readonly Random _random = new(seed);

    /// <summary>A document of the schema; half of them with some changes.</summary>
    public string Next()
    {
        var document = Make(schema.Resolve("#/$defs/schedule"), 1)!;
        for (var changes = _random.Next(2) == 0 ? 0 : _random.Next(1, 4); changes > 0; changes--) Change(document);
        return document.ToJsonString();
    }

    private JsonNode? Make(JsonElement part, int depth)
    {
        if (part.TryGetProperty("$ref", out var reference))
            return reference.GetString() == "#/$defs/function"
                ? Expressions[_random.Next(Expressions.Length)]
                : Make(schema.Resolve(reference.GetString()!), depth);
        foreach (var choice in new[] { "oneOf", "anyOf" })
            if (part.TryGetProperty(choice, out var some))
            {
                // Deep down a schedule has no parts.
                JsonElement[] choices = [.. some.EnumerateArray().Where(one => depth < Deepest || !IsComposite(one))];
                return Make(choices[_random.Next(choices.Length)], depth);
            }

        if (part.TryGetProperty("const", out var only)) return JsonNode.Parse(only.GetRawText());
        if (part.TryGetProperty("enum", out var words)) return words[_random.Next(words.GetArrayLength())].GetString();
        if (part.TryGetProperty("pattern", out var pattern)) return Word(pattern.GetString()!);
        return part.GetProperty("type").GetString() switch
        {
            "object" => MakeObject(part, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, Math.Max(Minimum(part, "minItems"), _random.Next(4)))
                .Select(_ => Make(part.GetProperty("items"), depth))]),
            "string" => "text",
            "boolean" => _random.Next(2) == 0,
            "null" => null,
            "integer" => Integer(part),
            "number" => Number(part),
            var type => throw new NotSupportedException(type),
        };
    }

    private JsonObject MakeObject(JsonElement part, int depth)
    {
        string[] required = [.. part.GetProperty("required").EnumerateArray().Select(name => name.GetString()!)];
        var made = new JsonObject();
        foreach (var property in part.GetProperty("properties").EnumerateObject())
            if (required.Contains(property.Name) || _random.Next(4) == 0)
                made.Add(property.Name, Make(property.Value, depth + 1));
        // So that more than a few fit each other.
        if (made["milestones"] is JsonArray milestones && _random.Next(4) > 0)
            made["milestones"] = new JsonArray([.. Enumerable.Range(0, Math.Max(
                0, made["schedules"] is JsonArray parts ? parts.Count - 1 : (made["factors"] as JsonArray ?? milestones).Count))
                .Select(i => (JsonNode)(3 * i))]);
        return made;
    }

    private static bool IsComposite(JsonElement one) => one.TryGetProperty("$ref", out var reference)
        && reference.GetString() is "#/$defs/ChainedScheduler" or "#/$defs/SequentialLR" or "#/$defs/FloorLR"
            or "#/$defs/NoiseLR";

    private static int Minimum(JsonElement part, string rule) => part.TryGetProperty(rule, out var least) ? least.GetInt32() : 0;

    private JsonNode Integer(JsonElement part)
    {
        var number = Minimum(part, "minimum") + _random.Next(_random.Next(9) == 0 ? 1_000_000_000 : 20);
        return JsonNode.Parse($"{number}{(_random.Next(5) == 0 ? ".0" : "")}")!;
    }

    private JsonNode Number(JsonElement part)
    {
        var (low, high) = (0.0, 2.0);
        if (part.TryGetProperty("minimum", out var least)) low = least.GetDouble();
        if (part.TryGetProperty("exclusiveMinimum", out least)) low = least.GetDouble() + 1e-9;
        if (part.TryGetProperty("maximum", out var most)) high = most.GetDouble();
        if (part.TryGetProperty("exclusiveMaximum", out most)) high = most.GetDouble() - 1e-9;
        return _random.Next(5) switch { 0 => low, 1 => high, _ => low + (high - low) * _random.NextDouble() };
    }

    // One of the words of a pattern, each letter of which is a pair, in any case, here and there with an underscore.
    private string Word(string pattern)
    {
        var words = pattern[(pattern.IndexOf('(', StringComparison.Ordinal) + 1)..pattern.LastIndexOf(')')].Split('|');
        var letters = words[_random.Next(words.Length)].Split("_*")
            .Select(letter => letter.Length == 1 ? letter[0] : letter[1 + _random.Next(2)]);
        return string.Concat(letters.Select(letter => _random.Next(9) == 0 ? $"{letter}_" : $"{letter}"));
    }

    private void Change(JsonNode document)
    {
        JsonNode[] places = [.. Within(document).Where(node => node is JsonObject or JsonArray)];
        switch (places[_random.Next(places.Length)])
        {
            case JsonObject { Count: > 0 } parent when _random.Next(3) > 0:
                var name = parent.ElementAt(_random.Next(parent.Count)).Key;
                if (_random.Next(3) == 0) parent.Remove(name);
                else parent[name] = Odd();
                break;
            case JsonObject parent:
                parent[Names[_random.Next(Names.Length)]] = Odd();
                break;
            case JsonArray { Count: > 0 } parent when _random.Next(3) > 0:
                if (_random.Next(3) == 0) parent.RemoveAt(_random.Next(parent.Count));
                else parent[_random.Next(parent.Count)] = Odd();
                break;
            case JsonArray parent:
                parent.Add(Odd());
                break;
        }
    }

    private JsonNode? Odd() => JsonNode.Parse(OddValues[_random.Next(OddValues.Length)]);

    private static IEnumerable<JsonNode> Within(JsonNode? node) => node switch
    {
        JsonObject parent => parent.SelectMany(member => Within(member.Value)).Prepend(parent),
        JsonArray parent => parent.SelectMany(Within).Prepend(parent),
        _ => [],
    };
}
