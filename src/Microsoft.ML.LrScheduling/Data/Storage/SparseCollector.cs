using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Collects sparse rows. It writes them to growing arrays, which are reused, and copies a block from these when the number of its values is
/// known.
/// </summary>
internal sealed class SparseCollector(int featureCount, bool hasWeights, RowStore store, bool standardizes)
    : RowCollector(featureCount, hasWeights, blockShift: 12, store, standardizes)
{
    // This number of values is worth the transfer to another thread, and still fits into a cache.
    private const int ValuesTogether = 1 << 19;

    private readonly SparseMoments? _moments = standardizes ? new SparseMoments(featureCount, hasWeights) : null;
    // The blocks that have not been added to the moments yet, with the arrays that keep their memory alive.
    private readonly List<(RowBlock Rows, AlignedArray Memory)> _waiting = [];
    private long _waitingValues;
    private Task _adding = Task.CompletedTask;
    private float[] _values = [];
    private int[] _indices = [];
    private int[] _starts = [0];
    private float[] _labels = [];
    private float[] _weights = [];
    private int _rows;

    /// <summary>The number of values in the rows of the current block.</summary>
    public int EntryCount => _starts[_rows];

    protected override bool IsSparse => true;

    /// <summary>Copies the rows to another collector. There must not be a complete block yet.</summary>
    public void CopyTo(RowCollector rows)
    {
        for (var row = 0; row < _rows; row++)
        {
            var entries = _starts[row].._starts[row + 1];
            rows.Add(_values.AsSpan(entries), _indices.AsSpan(entries), _labels[row], HasWeights ? _weights[row] : 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void AddToBlock(int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        var end = _starts[_rows];
        if (end + values.Length > _values.Length)
        {
            Array.Resize(ref _values, Math.Max(2 * _values.Length, end + values.Length));
            Array.Resize(ref _indices, _values.Length);
        }

        if (_rows == _labels.Length)
        {
            Array.Resize(ref _labels, Math.Max(16, 2 * _rows));
            Array.Resize(ref _starts, _labels.Length + 1);
            if (HasWeights) Array.Resize(ref _weights, _labels.Length);
        }

        var isDense = values.Length == FeatureCount;
        if (!isDense && !HasZero(values))
        {
            values.CopyTo(_values.AsSpan(end));
            indices.CopyTo(_indices.AsSpan(end));
            end += values.Length;
        }
        else
            for (var i = 0; i < values.Length; i++)
            {
                // A zero is written too, but the next value overwrites it.
                (_values[end], _indices[end]) = (values[i], isDense ? i : indices[i]);
                end += values[i] != 0 ? 1 : 0;
            }

        _labels[_rows] = label;
        if (HasWeights) _weights[_rows] = weight;
        _starts[++_rows] = end;
    }

    protected override (RowBlockLayout Layout, AlignedArray Memory) TakeBlock(int rows)
    {
        var layout = new RowBlockLayout(rows, EntryCount, IsSparse: true, HasWeights);
        var memory = new AlignedArray(layout.Length);
        var numbers = memory.Elements;
        var integers = MemoryMarshal.Cast<float, int>(numbers);
        _values.AsSpan(0, layout.Values).CopyTo(numbers);
        _labels.AsSpan(0, rows).CopyTo(numbers[layout.Labels..]);
        if (HasWeights) _weights.AsSpan(0, rows).CopyTo(numbers[layout.Weights..]);
        _indices.AsSpan(0, layout.Values).CopyTo(integers[layout.Indices..]);
        _starts.AsSpan(0, rows + 1).CopyTo(integers[layout.Starts..]);
        _rows = 0;
        return (layout, memory);
    }

    protected override void GiveBack(AlignedArray memory)
    {
    }

    protected override void AddMoments(RowBlockLayout layout, AlignedArray memory)
    {
        _waiting.Add((new RowBlock(memory.Address, layout), memory));
        _waitingValues += layout.Values;
        if (_waitingValues >= ValuesTogether) AddMoments();
    }

    protected override Standardization FinishMoments()
    {
        AddMoments();
        _adding.GetAwaiter().GetResult();
        return _moments!.Finish();
    }

    protected override void Standardize(RowBlockLayout layout, Span<float> numbers)
    {
        var integers = MemoryMarshal.Cast<float, int>(numbers);
        _moments!.ApplyTo(
            numbers[..layout.Values], integers.Slice(layout.Indices, layout.Values), integers.Slice(layout.Starts, layout.Rows + 1));
    }

    private static bool HasZero(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors)
            if (Vector.EqualsAny(vector, Vector<float>.Zero)) return true;
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
            if (value == 0) return true;
        return false;
    }

    /// <summary>Adds the waiting blocks to the moments on another thread, after the earlier ones, while more rows are read.</summary>
    private void AddMoments()
    {
        if (_waiting.Count == 0) return;
        _adding.GetAwaiter().GetResult();
        var blocks = _waiting.ToArray();
        _adding = Task.Run(() =>
        {
            _moments!.Add(Array.ConvertAll(blocks, block => block.Rows));
            // The blocks must stay alive until their last row has been read through a pointer.
            GC.KeepAlive(blocks);
        });
        _waiting.Clear();
        _waitingValues = 0;
    }
}
