using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A property of a type of schedule, with its name and default for the text and JSON forms.</summary>
internal sealed class ScheduleProperty
{
    private readonly PropertyInfo _property;

    public ScheduleProperty(PropertyInfo property, LrSchedule defaults)
    {
        _property = property;
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        IsAlwaysWritten = IsRequired || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Never };
        Default = IsRequired ? null : Get(defaults);
    }

    /// <summary>The name in JSON and text, such as <c>stepSize</c>.</summary>
    public string Name { get; }

    /// <summary>The type of the values.</summary>
    public Type Type => _property.PropertyType;

    /// <summary>Whether the property is required, and so has no default.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether it is written even if it is the default.</summary>
    public bool IsAlwaysWritten { get; }

    /// <summary>The default value, which may be null; null if the property is required.</summary>
    public object? Default { get; }

    /// <summary>Whether the value is a schedule.</summary>
    public bool HoldsSchedule => Type == typeof(LrSchedule);

    /// <summary>Whether the value is a list of schedules.</summary>
    public bool HoldsSchedules => Type == typeof(ValueList<LrSchedule>);

    /// <summary>Whether the value is a length, or a list of them.</summary>
    public bool HoldsLengths => Type == typeof(RunLength) || Type == typeof(RunLength?) || Type == typeof(ValueList<RunLength>);

    /// <summary>Whether the value is a length, or a list of lengths, with a fraction of a run that is not filled in yet.</summary>
    public bool IsOpen(LrSchedule schedule) => Get(schedule) switch
    {
        RunLength length => length.Fraction is not null,
        ValueList<RunLength> lengths => lengths.Any(static length => length.Fraction is not null),
        _ => false,
    };

    /// <summary>Converts fractions of a run to steps, each at least one step.</summary>
    /// <param name="schedule">A schedule that no other code has seen yet.</param>
    /// <param name="steps">The number of steps in the run.</param>
    /// <exception cref="ArgumentException">A length is out of range.</exception>
    public void SetFor(LrSchedule schedule, long steps)
    {
        if (Get(schedule) is ValueList<RunLength> lengths)
            Set(schedule, (ValueList<RunLength>)
                [.. lengths.Select(length => length.Fraction is null ? length : length.Of(steps).OrMore(1))]);
        else
            Set(schedule, ((RunLength)Get(schedule)!).Of(steps).OrMore(1));
    }

    /// <summary>Returns the value of the property in a schedule.</summary>
    public object? Get(LrSchedule schedule) => _property.GetValue(schedule);

    /// <summary>Sets the value in a new schedule that no other code has seen yet, because schedules are immutable.</summary>
    /// <exception cref="ArgumentException">The value is out of range.</exception>
    public void Set(LrSchedule schedule, object? value) =>
        _property.SetMethod!.Invoke(schedule, BindingFlags.DoNotWrapExceptions, binder: null, [value], culture: null);
}
