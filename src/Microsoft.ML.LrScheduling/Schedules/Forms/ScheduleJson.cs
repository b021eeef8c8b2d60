using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The JSON form of a schedule: an object with the property <c>type</c> and the properties of that type. Properties at their defaults are
/// omitted.
/// </summary>
internal static class ScheduleJson
{
    /// <summary>The property with the type of the schedule.</summary>
    public const string TypeProperty = "type";

    /// <summary>
    /// The property that says when the schedule takes a step. It is also the default of the schedules within this one.
    /// </summary>
    public const string IntervalProperty = "interval";

    /// <summary>A property for editors, which validate the file with it. It is not a property of the schedule.</summary>
    public const string SchemaProperty = "$schema";

    /// <summary>
    /// The maximum depth of a document that contains schedules: an object and an array for each level of schedules, and 32 levels around
    /// them. The default of System.Text.Json, 64, is too small.
    /// </summary>
    public const int DocumentDepth = 2 * CompositeSchedule.MaximumDepth + 32;

    /// <summary>The options for reading a document that contains schedules.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = DocumentDepth };

    /// <summary>Writes a schedule.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="around">The interval of a schedule around this one, which is the default of this one; null for none.</param>
    /// <exception cref="ArgumentException">Settings do not go together.</exception>
    /// <exception cref="NotSupportedException">A function is a delegate.</exception>
    public static void Write(Utf8JsonWriter writer, LrSchedule schedule, ScheduleInterval? around = null)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        // A with expression can combine settings that contradict each other. They must not be written, because they could not be read.
        schedule.CheckSettings();
        var kind = ScheduleKind.Of(schedule);
        writer.WriteStartObject();
        writer.WriteString(TypeProperty, kind.Name);
        var within = kind.IntervalWithin(schedule, around);
        foreach (var (property, value) in kind.Written(schedule, around))
        {
            if (IsDelegate(value))
                throw new NotSupportedException(
                    $"{property.Name} of {kind.Name} is a delegate, which exists only in memory. To write it, use an expression such as "
                    + "\"0.95 ** epoch\".");
            writer.WritePropertyName(property.Name);
            if (property.HoldsSchedule) Write(writer, (LrSchedule)value, within);
            else if (property.HoldsSchedules) WriteSchedules(writer, value, within);
            else JsonSerializer.Serialize(writer, value, property.Type, ScheduleValues.Options);
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads a schedule.</summary>
    /// <param name="json">The object.</param>
    /// <param name="path">The path to it, for errors.</param>
    /// <param name="depth">The nesting depth of this schedule, from 1. A user's document can be deeper than the stack allows.</param>
    /// <param name="around">The interval of a schedule around this one, which is the default of this one; null for none.</param>
    /// <exception cref="JsonException">The object is not one of a schedule, or holds a value out of range.</exception>
    public static LrSchedule Read(JsonElement json, string path = "$", int depth = 1, ScheduleInterval? around = null)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (depth > CompositeSchedule.MaximumDepth)
            throw Error(path, $"schedules must be nested at most {CompositeSchedule.MaximumDepth} deep. Received: more");
        var kind = ReadKind(json, path);
        var schedule = kind.Create();
        var given = new HashSet<string>(StringComparer.Ordinal);
        var torch = new TorchSettings(kind);
        var within = ReadInterval(json, path) ?? around;
        foreach (var member in json.EnumerateObject())
        {
            var at = $"{path}.{member.Name}";
            if (!given.Add(member.Name)) throw Error(at, $"{member.Name} must be given once. Received: twice");
            if (member.NameEquals(SchemaProperty) && member.Value.ValueKind != JsonValueKind.String)
                throw Error(at, $"{SchemaProperty} must be text. Received: {Shorten(member.Value)}");
            if (member.NameEquals(TypeProperty) || member.NameEquals(SchemaProperty)) continue;
            if (TorchSettings.Find(kind, member.Name) is not { } property)
            {
                if (Try(at, () => torch.Take(member.Name, member.Value))) continue;
                // A type without an interval of its own passes this one on to its parts.
                if (kind.Composed is not null && member.NameEquals(IntervalProperty)) continue;
                throw Error(at, kind.Lacks(member.Name));
            }

            if (property.Name != member.Name && !given.Add(property.Name))
                throw Error(at, $"{property.Name} must be given once. Received: twice");
            Set(schedule, property, member.Value, at, depth, within);
        }

        Try(path, () =>
        {
            torch.Apply(schedule, given);
            return true;
        });
        if (around is { } interval && kind.Interval is { } own && !given.Contains(own.Name)) own.Set(schedule, interval);

        var missing = kind.Properties.Where(property => property.IsRequired && !given.Contains(property.Name))
            .Select(property => property.Name);
        if (string.Join(", ", missing) is { Length: > 0 } names) throw Error(path, $"{kind.Name} needs {names}");
        try
        {
            schedule.CheckSettings();
            return schedule;
        }
        catch (ArgumentException e)
        {
            throw Error(path, Argument.MessageOf(e), e);
        }
    }

    /// <summary>The interval in an object; null if it has none.</summary>
    private static ScheduleInterval? ReadInterval(JsonElement json, string path)
    {
        if (!json.TryGetProperty(IntervalProperty, out var told)) return null;
        var (name, type) = (IntervalProperty, typeof(ScheduleInterval));
        return (ScheduleInterval)ReadValue(name, type, told, $"{path}.{name}")!;
    }

    private static bool Try(string path, Func<bool> action)
    {
        try
        {
            return action();
        }
        catch (FormatException e)
        {
            throw Error(path, e.Message, e);
        }
    }

    private static void WriteSchedules(Utf8JsonWriter writer, object value, ScheduleInterval? around)
    {
        writer.WriteStartArray();
        foreach (var part in (ValueList<LrSchedule>)value) Write(writer, part, around);
        writer.WriteEndArray();
    }

    private static bool IsDelegate(object value) => value is ScheduleFunction { Expression: null }
        || value is IEnumerable<ScheduleFunction> functions && functions.Any(function => function.Expression is null);

    private static ScheduleKind ReadKind(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw Error(path, $"expected a schedule. Received: {Shorten(json)}");
        if (!json.TryGetProperty(TypeProperty, out var type))
            throw Error(path, $"{TypeProperty} must be one of {ScheduleKind.Names}. Received: none");
        if (type.ValueKind != JsonValueKind.String)
            throw Error($"{path}.{TypeProperty}", $"{TypeProperty} must be one of {ScheduleKind.Names}. Received: {Shorten(type)}");
        return ScheduleKind.All.TryGetValue(type.GetString()!, out var kind)
            ? kind
            : throw Error($"{path}.{TypeProperty}", ScheduleKind.Unknown(type.GetString()!));
    }

    private static void Set(
        LrSchedule schedule, ScheduleProperty property, JsonElement json, string path, int depth, ScheduleInterval? within)
    {
        var value = property.HoldsSchedule ? Read(json, path, depth + 1, within)
            : property.HoldsSchedules ? ReadSchedules(property, json, path, depth + 1, within)
            : ReadValue(property.Name, property.Type, json, path);
        try
        {
            property.Set(schedule, value);
        }
        catch (ArgumentException e)
        {
            throw Error(path, Argument.MessageOf(e), e);
        }
    }

    private static object ReadSchedules(
        ScheduleProperty property, JsonElement json, string path, int depth, ScheduleInterval? within)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw Error(path, $"{property.Name} must be {ScheduleValues.Describe(property.Type)}. Received: {Shorten(json)}");
        return (ValueList<LrSchedule>)[.. json.EnumerateArray().Select((part, index) => Read(part, $"{path}[{index}]", depth, within))];
    }

    private static object? ReadValue(string name, Type type, JsonElement json, string path)
    {
        try
        {
            return json.Deserialize(type, ScheduleValues.Options);
        }
        catch (JsonException e) when (e.InnerException is FormatException reason && ScheduleValues.HoldsFunctions(type))
        {
            throw Error(path, $"{name}: {reason.Message}", reason);
        }
        catch (JsonException e)
        {
            var rule = e.InnerException is OverflowException ? $"in [0, {ScheduleValues.MaximumOf(type)}]" : ScheduleValues.Describe(type);
            throw Error(path, $"{name} must be {rule}. Received: {Shorten(json)}", e);
        }
    }

    private static string Shorten(JsonElement json) => json.GetRawText() is { Length: > 40 } text ? $"{text[..40]}…" : json.GetRawText();

    private static JsonException Error(string path, string message, Exception? inner = null) =>
        new($"{path}: {message}", path, null, null, inner);
}
