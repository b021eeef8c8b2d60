using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;

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
        .Select(factory => factory.ReturnType)
        .Where(type => type.IsSubclassOf(typeof(LrSchedule)))
        .Distinct()
        .ToFrozenDictionary(type => type.Name, type => new ScheduleKind(type));

    private readonly Type _type;

    private ScheduleKind(Type type)
    {
        _type = type;
        var defaults = Create();
        Properties =
        [
            .. from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
               where property.SetMethod is { IsPublic: true }
                   && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always }
               // As declared, and the one that all kinds share last.
               orderby property.Name == nameof(LrSchedule.Interval), property.MetadataToken
               select new ScheduleProperty(property, defaults),
        ];
        Composed = Properties.FirstOrDefault(property => property.HoldsSchedules);
    }

    /// <summary>The name, such as <c>StepLR</c>.</summary>
    public string Name => _type.Name;

    /// <summary>All that can be set.</summary>
    public ImmutableArray<ScheduleProperty> Properties { get; }

    /// <summary>The property with the schedules that a composite is made of; null for other kinds.</summary>
    public ScheduleProperty? Composed { get; }

    /// <summary>The names of all kinds, for errors.</summary>
    public static string Names => string.Join(", ", All.Keys.Order(StringComparer.Ordinal));

    /// <summary>The kind of a schedule.</summary>
    public static ScheduleKind Of(LrSchedule schedule) => All[schedule.GetType().Name];

    /// <summary>A schedule with the defaults, whose required properties are yet to be set.</summary>
    public LrSchedule Create() => (LrSchedule)Activator.CreateInstance(_type, nonPublic: true)!;

    /// <summary>
    /// The properties that are written down, with their values: those that are not the defaults, and those that are always told.
    /// </summary>
    public IEnumerable<(ScheduleProperty Property, object Value)> Written(LrSchedule schedule)
    {
        foreach (var property in Properties)
            if (property.Get(schedule) is { } value && (property.IsAlwaysWritten || !value.Equals(property.Default)))
                yield return (property, value);
    }
}
