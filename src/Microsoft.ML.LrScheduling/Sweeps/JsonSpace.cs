using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>JSON in which hyperparameters stand in place of values.</summary>
internal static class JsonSpace
{
    private const string Mark = "$";

    /// <summary>Reads JSON.</summary>
    /// <exception cref="JsonException">It is not JSON, or no object.</exception>
    public static JsonObject Parse(string json) =>
        JsonNode.Parse(json, documentOptions: ScheduleJson.Document with
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
        })
            as JsonObject
        ?? throw new JsonException("A search space must be an object of options.");

    /// <summary>The JSON of a trial.</summary>
    /// <exception cref="JsonException">A hyperparameter is not one; the message says where.</exception>
    public static string Configure(JsonObject template, Draw draw) => Resolve(template, "", draw)!.ToJsonString();

    private static JsonNode? Resolve(JsonNode? node, string path, Draw draw)
    {
        switch (node)
        {
            case JsonObject { Count: 1 } hyperparameter
                when hyperparameter.Single() is var (kind, argument) && kind.StartsWith(Mark, StringComparison.Ordinal):
                return Hyperparameter(kind, argument, path, draw);
            case JsonObject parent:
                var resolved = new JsonObject();
                foreach (var (name, value) in parent) resolved[name] = Resolve(value, path.Length == 0 ? name : $"{path}.{name}", draw);
                return resolved;
            case JsonArray array:
                return new JsonArray([.. array.Select((value, i) => Resolve(value, $"{path}[{i}]", draw))]);
            default:
                return node?.DeepClone();
        }
    }

    private static JsonNode? Hyperparameter(string kind, JsonNode? argument, string path, Draw draw)
    {
        try
        {
            switch (kind)
            {
                case "$range":
                    return draw.Range(path, Number(argument, 0), Number(argument, 1));
                case "$logRange":
                    return draw.LogRange(path, Number(argument, 0), Number(argument, 1));
                case "$integers":
                    return draw.Integer(path, Integer(argument, 0), Integer(argument, 1));
                case "$logIntegers":
                    return draw.LogInteger(path, Integer(argument, 0), Integer(argument, 1));
                case "$choice":
                    var values = argument as JsonArray ?? throw new JsonException($"{path}: $choice must have a list of values.");
                    // By its text, and an object that has no other name by its place.
                    string[] names = [.. values.Select((value, i) => Name(value, i))];
                    return Resolve(values[Array.IndexOf(names, draw.Choice<string>(path, names))], path, draw);
                default:
                    throw new JsonException(
                        $"{path}: a hyperparameter must be one of $range, $logRange, $integers, $logIntegers, $choice. Received: {kind}");
            }
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"{path}: {e.Message}", e);
        }

        double Number(JsonNode? node, int i) =>
            node is JsonArray { Count: 2 } bounds && bounds[i] is JsonValue value && value.TryGetValue<double>(out var number)
                ? number
                : throw new JsonException($"{path}: {kind} must have a list of two numbers. Received: {node?.ToJsonString() ?? "null"}");

        int Integer(JsonNode? node, int i) =>
            Number(node, i) is var number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw new JsonException($"{path}: {kind} must have a list of two integers of 32 bits. Received: {node!.ToJsonString()}");
    }

    private static string Name(JsonNode? value, int i) => value switch
    {
        null => "none",
        JsonValue => value.ToString(),
        JsonObject known when known["type"] is JsonValue type => $"{type} ({i + 1})",
        _ => $"{i + 1}",
    };
}
