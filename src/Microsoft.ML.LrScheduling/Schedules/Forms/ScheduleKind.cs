using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// What the written forms know of a kind of schedule: its name and its properties. The kinds are those that <see cref="LrSchedule"/> has a
/// factory for.
/// </summary>
internal sealed class ScheduleKind
{
    /// <summary>All kinds, by name.</summary>
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
               // As declared, and those that all kinds share last.
               orderby property.Name == nameof(LrSchedule.Interval), property.Name == nameof(LrSchedule.StartStep), property.MetadataToken
               select new ScheduleProperty(property, defaults),
        ];
        // A metric is measured once an epoch, whatever is told of the schedules around it.
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

    /// <summary>All that can be set.</summary>
    public ImmutableArray<ScheduleProperty> Properties { get; }

    /// <summary>The property that says when a schedule takes a step; null for a kind that cannot be told.</summary>
    public ScheduleProperty? Interval { get; }

    /// <summary>The properties that are lengths, which may be parts of a run.</summary>
    public ImmutableArray<ScheduleProperty> Lengths { get; }

    /// <summary>The properties that the factory takes, in its order.</summary>
    public ImmutableArray<ScheduleProperty> Ordered { get; }

    /// <summary>Whether the factory takes any number of values for the last of them.</summary>
    public bool TakesMany { get; }

    /// <summary>The property with the schedule or schedules that one is made of; null for other kinds.</summary>
    public ScheduleProperty? Composed { get; }

    /// <summary>The properties that are functions.</summary>
    public ImmutableArray<ScheduleProperty> Functions { get; }

    /// <summary>The names of all kinds, for errors.</summary>
    public static string Names => string.Join(", ", All.Keys.Order(StringComparer.Ordinal));

    /// <summary>What there is instead of a kind that is not known.</summary>
    public static string Unknown(string name) =>
        $"unknown schedule {(name.Length > LongestName ? $"{name[..LongestName]}…" : name)}.{Suggestion.For(Meant(name), All.Keys)} "
        + $"Expected one of {Names}";

    // Other libraries call so what PyTorch has by a longer name than others that begin with it.
    private static string Meant(string name) =>
        name.Equals("cosine", StringComparison.OrdinalIgnoreCase) || name.Equals("cosineLR", StringComparison.OrdinalIgnoreCase)
            ? nameof(CosineAnnealingLR) : name;

    /// <summary>What there is instead of a property that the kind does not have.</summary>
    public string Lacks(string property)
    {
        var names = Properties.Select(known => known.Name).ToArray();
        return $"{Name} has no {property}.{Suggestion.For(property, names)} It has {string.Join(", ", names)}";
    }

    /// <summary>The kind of a schedule.</summary>
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

    /// <summary>Whether a length of a schedule or of its parts, or a function, is told in parts of a run, or in its steps.</summary>
    public static bool TakesRun(LrSchedule schedule) =>
        Of(schedule).Lengths.Any(length => length.IsOpen(schedule))
            || schedule.Parts.Any(TakesRun) || FunctionsOf(schedule).Any(static function => function.NeedsRun);

    /// <summary>A schedule with the defaults, whose required properties are yet to be set.</summary>
    public LrSchedule Create() => (LrSchedule)Activator.CreateInstance(_type, nonPublic: true)!;

    /// <summary>
    /// The properties that are written down, with their values: those that are not the defaults, and those that are always told.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="around">The interval that is told of a schedule around it, which is then the default.</param>
    public IEnumerable<(ScheduleProperty Property, object Value)> Written(LrSchedule schedule, ScheduleInterval? around = null)
    {
        foreach (var property in Properties)
            if (property.Get(schedule) is { } value && (property.IsAlwaysWritten || !value.Equals(DefaultOf(property, around))))
                yield return (property, value);
    }

    /// <summary>The interval that is told of a schedule, or of one around it: the default of its parts; null for none.</summary>
    public ScheduleInterval? IntervalWithin(LrSchedule schedule, ScheduleInterval? around) =>
        Interval?.Get(schedule) is ScheduleInterval own && !own.Equals(DefaultOf(Interval, around)) ? own : around;

    private object? DefaultOf(ScheduleProperty property, ScheduleInterval? around) =>
        property == Interval && around is { } interval ? interval : property.Default;
}
