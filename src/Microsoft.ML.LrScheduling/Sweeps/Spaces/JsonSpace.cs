using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A search space as JSON: options in which hyperparameters replace values.</summary>
internal static class JsonSpace
{
    private const string Mark = "$";
    private const string None = "none";

    private static readonly JsonDocumentOptions Reading = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    /// <summary>Reads JSON.</summary>
    /// <exception cref="JsonException">
    /// The text is not a JSON object, has a duplicate name, or contains text that is not Unicode.
    /// </exception>
    public static JsonObject Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Reading);
            CheckTexts(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"A text of the search space is not valid: {e.Message}", e);
        }

        return JsonNode.Parse(json, documentOptions: Reading) as JsonObject
            ?? throw new JsonException("A search space must be an object of options.");
    }

    /// <summary>Returns the JSON of a trial.</summary>
    /// <exception cref="JsonException">A hyperparameter is not valid. The message contains its path.</exception>
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
        if (path.Length == 0)
            throw new JsonException(
                $"$: a search space must be an object of options, with hyperparameters in place of values. Received: {kind}");
        try
        {
            switch (kind)
            {
                case "$range":
                    return Real(draw.Range(path, Number(argument, 0), Number(argument, 1)));
                case "$logRange":
                    return Real(draw.LogRange(path, Number(argument, 0), Number(argument, 1)));
                case "$integers":
                    return draw.Integer(path, Integer(argument, 0), Integer(argument, 1));
                case "$logIntegers":
                    return draw.LogInteger(path, Integer(argument, 0), Integer(argument, 1));
                case "$choice":
                    var values = argument as JsonArray ?? throw new JsonException($"{path}: $choice must have a list of values.");
                    return Resolve(values[draw.Place(path, values.Count, i => Describe(values[i], i))], path, draw);
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

    // A real number keeps its decimal point even if it is an integer: a length of 1.0 is the whole run, but a length of 1 is one step.
    private static JsonNode Real(double number) => number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
        ? JsonNode.Parse(number.ToString("F1", CultureInfo.InvariantCulture))!
        : number;

    // The unique text of a value: for an object, its type and its position in the list.
    private static (string Text, double? Number) Describe(JsonNode? value, int i) => value switch
    {
        null => (None, null),
        JsonValue number when number.GetValueKind() == JsonValueKind.Number => (number.ToString(), number.GetValue<double>()),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => (Text(text.GetValue<string>()), null),
        JsonValue other => (other.ToString(), null),
        JsonObject known when known["type"] is JsonValue type => ($"{type} ({i + 1})", null),
        _ => ($"{i + 1}", null),
    };

    // A text that could be confused with another value is put in quotes.
    private static string Text(string text) =>
        text is None or "true" or "false" || text.StartsWith('"')
            || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? JsonValue.Create(text).ToJsonString() : text;

    // An unpaired surrogate throws only when its text is read.
    private static void CheckTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) CheckTexts(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckTexts(property.Value);
                }

                break;
        }
    }
}
