using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The metadata of a type of schedule for its text and JSON forms: its name and its properties. The types are the ones for which
/// <see cref="LrSchedule"/> has a factory method.
/// </summary>
internal sealed class ScheduleKind
{
    /// <summary>All types of schedules, by name.</summary>
    public static readonly FrozenDictionary<string, ScheduleKind> All = typeof(LrSchedule)
        .GetMethods(BindingFlags.Static | BindingFlags.Public)
        .Where(factory => factory.ReturnType.IsSubclassOf(typeof(LrSchedule)))
        .DistinctBy(factory => factory.ReturnType)
        .ToFrozenDictionary(factory => factory.ReturnType.Name, factory => new ScheduleKind(factory));

    private const int LongestName = 40;

    private readonly Type _type;

    private ScheduleKind(MethodInfo factory)
    {
        var type = _type = factory.ReturnType;
        var defaults = Create();
        Properties =
        [
            .. from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
               where property.SetMethod is { IsPublic: true }
                   && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always }
               // In the order of the declarations; the properties that all types share come last.
               orderby property.Name == nameof(LrSchedule.Interval), property.Name == nameof(LrSchedule.StartStep), property.MetadataToken
               select new ScheduleProperty(property, defaults),
        ];
        // A schedule that watches a metric always steps by epoch, whatever the interval of the schedules around it.
        if (defaults is not MetricSchedule)
            Interval = Properties.FirstOrDefault(property => property.Name == ScheduleJson.IntervalProperty);
        Lengths = [.. Properties.Where(property => property.HoldsLengths)];
        Composed = Properties.FirstOrDefault(property => property.HoldsSchedules || property.HoldsSchedule);
        Functions = [.. Properties.Where(property => ScheduleValues.HoldsFunctions(property.Type))];
        Ordered = [.. factory.GetParameters().Select(parameter => Properties.First(property => property.Name == parameter.Name))];
        TakesMany = factory.GetParameters()[^1].IsDefined(typeof(ParamArrayAttribute));
    }

    /// <summary>The name, such as <c>StepLR</c>.</summary>
    public string Name => _type.Name;

    /// <summary>All properties that can be set.</summary>
    public ImmutableArray<ScheduleProperty> Properties { get; }

    /// <summary>The property with the interval; null for a type whose interval cannot be set.</summary>
    public ScheduleProperty? Interval { get; }

    /// <summary>The properties that are lengths, which can be fractions of a run.</summary>
    public ImmutableArray<ScheduleProperty> Lengths { get; }

    /// <summary>The properties that are parameters of the factory method, in the order of the parameters.</summary>
    public ImmutableArray<ScheduleProperty> Ordered { get; }

    /// <summary>Whether the last parameter of the factory method is a <c>params</c> array.</summary>
    public bool TakesMany { get; }

    /// <summary>The property with the inner schedule or schedules; null if the type has none.</summary>
    public ScheduleProperty? Composed { get; }

    /// <summary>The properties that are functions.</summary>
    public ImmutableArray<ScheduleProperty> Functions { get; }

    /// <summary>The names of all types, for error messages.</summary>
    public static string Names => string.Join(", ", All.Keys.Order(StringComparer.Ordinal));

    /// <summary>The error message for an unknown type.</summary>
    public static string Unknown(string name) =>
        $"unknown schedule {(name.Length > LongestName ? $"{name[..LongestName]}…" : name)}.{Suggestion.For(Meant(name), All.Keys)} "
        + $"Expected one of {Names}";

    // Other libraries use these names for CosineAnnealingLR. By spelling alone, a type with a shorter name would be suggested.
    private static string Meant(string name) =>
        name.Equals("cosine", StringComparison.OrdinalIgnoreCase) || name.Equals("cosineLR", StringComparison.OrdinalIgnoreCase)
            ? nameof(CosineAnnealingLR) : name;

    /// <summary>The error message for an unknown property.</summary>
    public string Lacks(string property)
    {
        var names = Properties.Select(known => known.Name).ToArray();
        return $"{Name} has no {property}.{Suggestion.For(property, names)} It has {string.Join(", ", names)}";
    }

    /// <summary>The metadata of the type of a schedule.</summary>
    public static ScheduleKind Of(LrSchedule schedule) => All[schedule.GetType().Name];

    /// <summary>The functions of a schedule and of its parts.</summary>
    public static IEnumerable<ScheduleFunction> FunctionsOf(LrSchedule schedule)
    {
        foreach (var property in Of(schedule).Functions)
            switch (property.Get(schedule))
            {
                case ScheduleFunction function:
                    yield return function;
                    break;
                case IEnumerable<ScheduleFunction> functions:
                    foreach (var function in functions) yield return function;
                    break;
            }

        foreach (var function in schedule.Parts.SelectMany(FunctionsOf)) yield return function;
    }

    /// <summary>Whether a schedule or one of its parts has a length that is a fraction of the run, or a function that uses it.</summary>
    public static bool TakesRun(LrSchedule schedule) =>
        Of(schedule).Lengths.Any(length => length.IsOpen(schedule))
            || schedule.Parts.Any(TakesRun) || FunctionsOf(schedule).Any(static function => function.NeedsRun);

    /// <summary>Creates a schedule with the default settings. Its required properties are not set yet.</summary>
    public LrSchedule Create() => (LrSchedule)Activator.CreateInstance(_type, nonPublic: true)!;

    /// <summary>
    /// The properties to write, with their values: those that differ from their defaults, and those that are always written.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="around">The interval that is written for a schedule around this one, which is then the default.</param>
    public IEnumerable<(ScheduleProperty Property, object Value)> Written(LrSchedule schedule, ScheduleInterval? around = null)
    {
        foreach (var property in Properties)
            if (property.Get(schedule) is { } value && (property.IsAlwaysWritten || !value.Equals(DefaultOf(property, around))))
                yield return (property, value);
    }

    /// <summary>
    /// The interval that is written for this schedule or for one around it: the default of its parts. Null if there is none.
    /// </summary>
    public ScheduleInterval? IntervalWithin(LrSchedule schedule, ScheduleInterval? around) =>
        Interval?.Get(schedule) is ScheduleInterval own && !own.Equals(DefaultOf(Interval, around)) ? own : around;

    private object? DefaultOf(ScheduleProperty property, ScheduleInterval? around) =>
        property == Interval && around is { } interval ? interval : property.Default;
}
