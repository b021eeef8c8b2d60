using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Holds documents against a JSON schema, of draft 2020-12, as far as docs/schedule.schema.json makes use of it.</summary>
internal sealed class SchemaValidator(JsonElement root)
{
    /// <summary>Whether a document is one of the schema.</summary>
    public bool IsValid(JsonElement document) => IsValid(root, document);

    /// <summary>What a reference stands for.</summary>
    public JsonElement Resolve(string reference) =>
        reference[2..].Split('/').Aggregate(root, (schema, name) => schema.GetProperty(name));

    private bool IsValid(JsonElement schema, JsonElement value) => schema.EnumerateObject().All(rule => rule.Name switch
    {
        "$ref" => IsValid(Resolve(rule.Value.GetString()!), value),
        "anyOf" => rule.Value.EnumerateArray().Any(one => IsValid(one, value)),
        "oneOf" => rule.Value.EnumerateArray().Count(one => IsValid(one, value)) == 1,
        "const" => JsonElement.DeepEquals(rule.Value, value),
        "enum" => rule.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
        "type" => IsOf(rule.Value.GetString()!, value),
        "properties" => value.ValueKind != JsonValueKind.Object || rule.Value.EnumerateObject().All(property =>
            !value.TryGetProperty(property.Name, out var member) || IsValid(property.Value, member)),
        "required" => value.ValueKind != JsonValueKind.Object
            || rule.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        "additionalProperties" => value.ValueKind != JsonValueKind.Object
            || value.EnumerateObject().All(member => schema.GetProperty("properties").TryGetProperty(member.Name, out _)),
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => IsValid(rule.Value, item)),
        "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= rule.Value.GetInt32(),
        "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= rule.Value.GetInt32(),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.Value.GetDouble(),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.Value.GetDouble(),
        "exclusiveMinimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() > rule.Value.GetDouble(),
        "exclusiveMaximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() < rule.Value.GetDouble(),
        "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= rule.Value.GetInt32(),
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, rule.Value.GetString()!),
        "$schema" or "$defs" or "title" or "description" or "default" => true,
        _ => throw new NotSupportedException(rule.Name),
    });

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() == Math.Floor(value.GetDouble()),
        _ => throw new NotSupportedException(type),
    };
}
