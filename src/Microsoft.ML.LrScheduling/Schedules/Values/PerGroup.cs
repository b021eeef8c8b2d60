using System.Collections;
using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A setting that is the same for every parameter group (one value) or has a value for each (as many values as groups).
/// </summary>
/// <remarks>
/// A single value converts implicitly: <c>minLr: 0.001</c>; so does a collection: <c>minLr: [0.001, 0.01]</c>.
/// Two of them are equal when they hold equal values in the same order.
/// </remarks>
/// <typeparam name="T">The kind of value.</typeparam>
/// <example>
/// <code>
/// PerGroup&lt;double> same = 0.001, each = [0.001, 0.01];
/// Console.WriteLine($"{same}, {each}");   // 0.001, [0.001, 0.01]
/// </code>
/// </example>
[CollectionBuilder(typeof(PerGroup), nameof(PerGroup.Create))]
public readonly record struct PerGroup<T> : IReadOnlyList<T>
{
    private readonly ValueList<T> _values;

    internal PerGroup(ValueList<T> values) => _values = values;

    /// <summary>The number of values: 1 where all groups share one.</summary>
    public int Count => _values.Count;

    /// <summary>The value at a position of the list.</summary>
    /// <param name="index">In [0, <see cref="Count"/>).</param>
    public T this[int index] => _values[index];

    /// <summary>The value of a group: the shared one, or the group's own.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    public T ForGroup(int group) => _values[_values.Count == 1 ? 0 : group];

    /// <summary>One value for all groups.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PerGroup<T>(T value) => new(new ValueList<T>([value]));

    /// <summary>A value for each group.</summary>
    /// <param name="values">As many values as there will be groups, or one.</param>
    public static implicit operator PerGroup<T>(T[] values) => new(values);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The value alone, or all of them in brackets.</summary>
    public override string ToString() => Count == 1 ? FormattableString.Invariant($"{_values[0]}") : _values.ToString();
}

/// <summary>Builds <see cref="PerGroup{T}"/> from collection expressions.</summary>
public static class PerGroup
{
    /// <summary>A value for each group, or one for all.</summary>
    /// <param name="values">The values, in the order of the groups.</param>
    /// <typeparam name="T">The kind of value.</typeparam>
    public static PerGroup<T> Create<T>(ReadOnlySpan<T> values) => new(ValueList.Create(values));

    /// <summary>Refuses an empty list, and values outside their range.</summary>
    internal static PerGroup<T> Checked<T>(PerGroup<T> values, string name, Func<T, string, T> check)
    {
        if (values.Count == 0) throw new ArgumentException($"{name} must hold one value, or one a parameter group. Received: none", name);
        foreach (var value in values) check(value, name);
        return values;
    }

    /// <summary>Refuses an empty list, null, and more functions than a schedule may have.</summary>
    internal static PerGroup<ScheduleFunction> Checked(PerGroup<ScheduleFunction> values, string name)
    {
        Checked(values, name, static (value, name) => ScheduleFunction.OfStepAlone(value, name) ?? throw new ArgumentNullException(name));
        ScheduleLimits.Check(values);
        return values;
    }

    /// <summary>The values that some others become, none of them null.</summary>
    internal static PerGroup<T> From<TSource, T>(TSource[] sources, string name, Func<TSource, T> convert) where TSource : class
    {
        ArgumentNullException.ThrowIfNull(sources, name);
        return new([.. sources.Select(source => convert(source ?? throw new ArgumentNullException(name)))]);
    }

    /// <summary>Refuses a list whose length is neither 1 nor the number of groups.</summary>
    internal static void CheckGroupCount<T>(PerGroup<T> values, string name, int groupCount)
    {
        if (values.Count != 1 && values.Count != groupCount)
            throw new ArgumentException(
                $"{name} must hold one value, or one a parameter group ({groupCount}). Received: {values.Count} values", name);
    }

    /// <summary>Refuses settings of different numbers of groups, and a value below the other one of its group.</summary>
    internal static void CheckAtLeast(PerGroup<double> values, string name, PerGroup<double> least, string leastName)
    {
        var groups = Math.Max(values.Count, least.Count);
        CheckGroupCount(least, leastName, groups);
        CheckGroupCount(values, name, groups);
        for (var group = 0; group < groups; group++)
            if (values.ForGroup(group) < least.ForGroup(group))
                throw Argument.OutOfRange(
                    name, FormattableString.Invariant($"at least {leastName} ({least.ForGroup(group)})"), values.ForGroup(group));
    }
}
