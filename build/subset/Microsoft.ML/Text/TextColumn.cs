using System.Collections.Immutable;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Columns [Min, Limit) of the file; without a limit, as many as the row has.</summary>
internal readonly record struct Segment(int Min, int Limit, bool ForceVector)
{
    internal const int NoLimit = int.MaxValue;

    internal bool IsVariable => Limit == NoLimit;

    internal int Length => Limit - Min;

    public override string ToString() => IsVariable ? $"[{Min}, …)" : $"[{Min}, {Limit})";
}

/// <summary>A column as it is read: its type, and the columns of the file that fill it.</summary>
internal sealed class TextColumn
{
    private TextColumn(string name, DataKind kind, PrimitiveDataViewType itemType, ImmutableArray<Segment> segments)
    {
        Name = name;
        Kind = kind;
        ItemType = itemType;
        Segments = segments;
        FixedSize = segments.Where(segment => !segment.IsVariable).Sum(segment => segment.Length);
        Type = HasVariableSize ? new VectorDataViewType(itemType)
            : FixedSize > 1 || segments[0].ForceVector ? new VectorDataViewType(itemType, FixedSize)
            : itemType;
    }

    internal string Name { get; }
    internal DataKind Kind { get; }
    internal PrimitiveDataViewType ItemType { get; }
    internal ImmutableArray<Segment> Segments { get; }

    /// <summary>The number of slots that every row has.</summary>
    internal int FixedSize { get; }

    internal DataViewType Type { get; }

    internal bool HasVariableSize => Segments.Any(segment => segment.IsVariable);

    /// <summary>The last column of the file that is read.</summary>
    internal int LastSource => Segments.Max(segment => segment.Limit - 1);

    internal static TextColumn Create(string name, DataKind kind, PrimitiveDataViewType itemType, IEnumerable<Segment> segments)
    {
        var array = segments.ToImmutableArray();
        var sorted = array.Sort((left, right) => left.Min.CompareTo(right.Min));
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i - 1].Limit > sorted[i].Min)
                throw new ArgumentOutOfRangeException(nameof(TextLoader.Column.Source),
                    $"Intervals specified for column '{name}' overlap: {sorted[i - 1]} and {sorted[i]}");
        return new(name, kind, itemType, array);
    }

    internal static Segment Bind(TextLoader.Range range, int fileWidth)
    {
        Contracts.CheckParam(range.Min >= 0, nameof(range.Min), $"Must be non-negative, got {range.Min}");
        if (range.Max is { } max)
        {
            Contracts.CheckParam(range.Min <= max && max < Segment.NoLimit - 1, nameof(range.Max),
                $"Must be in [{range.Min}, {Segment.NoLimit - 2}], got {max}");
            return new(range.Min, max + 1, range.ForceVector);
        }
        if (range.VariableEnd && !range.AutoEnd)
            return new(range.Min, Segment.NoLimit, ForceVector: true);
        if (!range.AutoEnd && !range.AllOther)
            return new(range.Min, range.Min + 1, range.ForceVector);
        if (range.Min >= fileWidth)
            throw new ArgumentOutOfRangeException(nameof(range.Min),
                $"Column #{range.Min} not found in the dataset (it only has {fileWidth} columns)");
        return new(range.Min, fileWidth, ForceVector: true);
    }
}
