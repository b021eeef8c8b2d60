using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>An immutable list that compares by content: two lists are equal when they contain equal values in the same order.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
/// <example>
/// <code>
/// ValueList&lt;double> factors = [1, 0.1], others = [1, 0.1];
/// Console.WriteLine(factors == others);   // True
/// </code>
/// </example>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
[JsonConverter(typeof(ValueListJsonConverter))]
public readonly struct ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[]? _values;

    internal ValueList(T[] values) => _values = values;

    /// <summary>The number of values.</summary>
    public int Count => _values?.Length ?? 0;

    /// <summary>The value at a position.</summary>
    /// <param name="index">In [0, <see cref="Count"/>).</param>
    public T this[int index] => AsSpan()[index];

    /// <summary>Returns a part of the list. A range calls it: <c>list[^3..]</c>.</summary>
    /// <param name="start">The position of the first value of the part.</param>
    /// <param name="length">The number of values in the part.</param>
    public ValueList<T> Slice(int start, int length) => new(AsSpan().Slice(start, length).ToArray());

    /// <summary>Copies an array.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator ValueList<T>(T[] values) => new([.. values]);

    /// <summary>Returns the values as a span, without a copy.</summary>
    public ReadOnlySpan<T> AsSpan() => _values;

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)(_values ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ValueList<T> other) => AsSpan().SequenceEqual(other.AsSpan(), EqualityComparer<T>.Default);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueList<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in AsSpan()) hash.Add(value);
        return hash.ToHashCode();
    }

    /// <summary>Returns the values in brackets as text.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", this.Select(value => value is null ? "null" : FormattableString.Invariant($"{value}")))}]";

    /// <summary>Whether both lists contain equal values in the same order.</summary>
    public static bool operator ==(ValueList<T> left, ValueList<T> right) => left.Equals(right);

    /// <summary>Whether the lists differ in a value, in the order or in length.</summary>
    public static bool operator !=(ValueList<T> left, ValueList<T> right) => !left.Equals(right);
}

/// <summary>Creates <see cref="ValueList{T}"/> values from collection expressions.</summary>
public static class ValueList
{
    /// <summary>Creates a list.</summary>
    /// <param name="values">The values, in order.</param>
    /// <typeparam name="T">The type of the values.</typeparam>
    public static ValueList<T> Create<T>(ReadOnlySpan<T> values) => new(values.ToArray());
}
