using System.Collections;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A setting that is the same for every parameter group (one value) or has a value for each (as many values as groups).
/// </summary>
/// <remarks>
/// A single value converts implicitly: <c>minLr: 0.001</c>; so does a collection: <c>minLr: [0.001, 0.01]</c>.
/// Two of them are equal when they hold equal values in the same order.
/// </remarks>
/// <typeparam name="T">The kind of value.</typeparam>
[CollectionBuilder(typeof(PerGroup), nameof(PerGroup.Create))]
public readonly struct PerGroup<T> : IReadOnlyList<T>, IEquatable<PerGroup<T>>
{
    private readonly T[]? _values;

    internal PerGroup(T[] values) => _values = values;

    private T[] Values => _values ?? [];

    /// <summary>The number of values: 1 where all groups share one.</summary>
    public int Count => Values.Length;

    /// <summary>The value at a position of the list.</summary>
    /// <param name="index">In [0, <see cref="Count"/>).</param>
    public T this[int index] => Values[index];

    /// <summary>The value of a group: the shared one, or the group's own.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    public T ForGroup(int group) => Values.Length == 1 ? Values[0] : Values[group];

    /// <summary>One value for all groups.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PerGroup<T>(T value) => new([value]);

    /// <summary>A value for each group.</summary>
    /// <param name="values">As many values as there will be groups, or one.</param>
    public static implicit operator PerGroup<T>(T[] values) => new([.. values]);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PerGroup<T> other) => Values.AsSpan().SequenceEqual(other.Values, EqualityComparer<T>.Default);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PerGroup<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in Values) hash.Add(value);
        return hash.ToHashCode();
    }

    /// <summary>The value alone, or all of them in brackets.</summary>
    public override string ToString() => Values.Length == 1
        ? FormattableString.Invariant($"{Values[0]}")
        : $"[{string.Join(", ", Values.Select(v => FormattableString.Invariant($"{v}")))}]";

    /// <summary>Whether both hold equal values in the same order.</summary>
    public static bool operator ==(PerGroup<T> left, PerGroup<T> right) => left.Equals(right);

    /// <summary>Whether they differ in a value, its position or their number.</summary>
    public static bool operator !=(PerGroup<T> left, PerGroup<T> right) => !left.Equals(right);
}

/// <summary>Builds <see cref="PerGroup{T}"/> from collection expressions.</summary>
public static class PerGroup
{
    /// <summary>A value for each group, or one for all.</summary>
    /// <param name="values">The values, in the order of the groups.</param>
    /// <typeparam name="T">The kind of value.</typeparam>
    public static PerGroup<T> Create<T>(ReadOnlySpan<T> values) => new(values.ToArray());

    /// <summary>Refuses an empty list, and values outside their range.</summary>
    internal static PerGroup<T> Checked<T>(PerGroup<T> values, string name, Func<T, string, T> check)
    {
        if (values.Count == 0) throw new ArgumentException($"{name} must hold one value, or one a parameter group. Received: none", name);
        foreach (var value in values) check(value, name);
        return values;
    }

    /// <summary>Refuses a list whose length is neither 1 nor the number of groups.</summary>
    internal static void CheckGroupCount<T>(PerGroup<T> values, string name, int groupCount)
    {
        if (values.Count != 1 && values.Count != groupCount)
            throw new ArgumentException(
                $"{name} must hold one value, or one a parameter group ({groupCount}). Received: {values.Count} values", name);
    }
}
