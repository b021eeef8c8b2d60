using System.Collections;
using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A setting for parameter groups: one value for all groups, or one value per group.</summary>
/// <remarks>
/// A single value (<c>minLr: 0.001</c>) and a collection (<c>minLr: [0.001, 0.01]</c>) convert implicitly. Two settings are equal when
/// they contain equal values in the same order.
/// </remarks>
/// <typeparam name="T">The type of the values.</typeparam>
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

    /// <summary>The number of values: 1 if all groups share one value.</summary>
    public int Count => _values.Count;

    /// <summary>The value at a position of the list.</summary>
    /// <param name="index">In [0, <see cref="Count"/>).</param>
    public T this[int index] => _values[index];

    /// <summary>Returns the value for a group: the shared value, or the value of that group.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    public T ForGroup(int group) => _values[_values.Count == 1 ? 0 : group];

    /// <summary>Converts one value for all groups.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PerGroup<T>(T value) => new(new ValueList<T>([value]));

    /// <summary>Converts one value per group.</summary>
    /// <param name="values">One value per group, or a single value for all groups.</param>
    public static implicit operator PerGroup<T>(T[] values) => new(values);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the single value, or all values in brackets, as text.</summary>
    public override string ToString() => Count == 1 ? FormattableString.Invariant($"{_values[0]}") : _values.ToString();
}

/// <summary>Creates <see cref="PerGroup{T}"/> values from collection expressions.</summary>
public static class PerGroup
{
    /// <summary>Creates a setting with one value per group, or a single value for all groups.</summary>
    /// <param name="values">The values, in the order of the groups.</param>
    /// <typeparam name="T">The type of the values.</typeparam>
    public static PerGroup<T> Create<T>(ReadOnlySpan<T> values) => new(ValueList.Create(values));

    /// <summary>Returns the values after checking that there is at least one and that each is in its range.</summary>
    internal static PerGroup<T> Checked<T>(PerGroup<T> values, string name, Func<T, string, T> check)
    {
        if (values.Count == 0) throw new ArgumentException($"{name} must hold one value, or one per parameter group. Received: none", name);
        foreach (var value in values) check(value, name);
        return values;
    }

    /// <summary>
    /// Returns the functions after checking that there is at least one, that none is null, and that they are not too many.
    /// </summary>
    internal static PerGroup<ScheduleFunction> Checked(PerGroup<ScheduleFunction> values, string name)
    {
        Checked(values, name, static (value, name) => ScheduleFunction.OfStepAlone(value, name) ?? throw new ArgumentNullException(name));
        ScheduleLimits.Check(values);
        return values;
    }

    /// <summary>Converts each value. None can be null.</summary>
    internal static PerGroup<T> From<TSource, T>(TSource[] sources, string name, Func<TSource, T> convert) where TSource : class
    {
        ArgumentNullException.ThrowIfNull(sources, name);
        return new([.. sources.Select(source => convert(source ?? throw new ArgumentNullException(name)))]);
    }

    /// <summary>Checks that there is one value, or one per parameter group.</summary>
    internal static void CheckGroupCount<T>(PerGroup<T> values, string name, int groupCount)
    {
        if (values.Count != 1 && values.Count != groupCount)
            throw new ArgumentException(
                $"{name} must hold one value, or one per parameter group ({groupCount}). Received: {values.Count} values", name);
    }

    /// <summary>
    /// Checks that each value is at least the other value of its group, and that both lists fit the same number of groups.
    /// </summary>
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
