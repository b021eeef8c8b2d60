using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Converts a state to a flat list, and back: each state comes before the states of its parts, with the number of its parts. Nested
/// objects would be deeper than JSON allows by default, but they can be read as well.
/// </summary>
internal sealed class ScheduleStateJsonConverter : JsonConverter<ScheduleState>
{
    /// <inheritdoc/>
    public override ScheduleState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ScheduleLimits.Check(reader);
        if (reader.TokenType == JsonTokenType.StartObject) return Unnested(JsonSerializer.Deserialize<Nested>(ref reader, options)!);
        var items = new Queue<Item>(JsonSerializer.Deserialize<Item[]>(ref reader, options) ?? throw new JsonException());
        var state = Take(items, depth: 1);
        return items.Count == 0 ? state : throw new JsonException("the list of states must end with the last part.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ScheduleState value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, Items(value), options);

    private static ScheduleState Take(Queue<Item> items, int depth)
    {
        if (depth > CompositeSchedule.MaximumDepth)
            throw new JsonException($"states must be nested at most {CompositeSchedule.MaximumDepth} deep.");
        if (!items.TryDequeue(out var item) || item is null || item.Parts < 0 || item.Parts > items.Count)
            throw new JsonException("the list of states must hold all parts.");
        var parts = ImmutableArray.CreateBuilder<ScheduleState>();
        while (parts.Count < item.Parts) parts.Add(Take(items, depth + 1));
        return new() { Kind = item.Kind, Step = item.Step, Values = [.. item.Values], Parts = [.. parts] };
    }

    private static IEnumerable<Item> Items(ScheduleState state) =>
    [
        new() { Kind = state.Kind, Step = state.Step, Values = [.. state.Values], Parts = state.Parts.Count },
        .. state.Parts.SelectMany(Items),
    ];

    private static ScheduleState Unnested(Nested? state) => state is null
        ? throw new JsonException("a part must be a state.")
        : new() { Kind = state.Kind, Step = state.Step, Values = [.. state.Values], Parts = [.. state.Parts.Select(Unnested)] };

    private record One
    {
        public string Kind { get; init; } = "";

        [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public required long Step { get; init; }

        [JsonConverter(typeof(ExactNumbersJsonConverter))]
        public ImmutableArray<double> Values { get; init; } = [];
    }

    private sealed record Item : One
    {
        public int Parts { get; init; }
    }

    private sealed record Nested : One
    {
        public ImmutableArray<Nested> Parts { get; init; } = [];
    }
}
