namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The order in which an epoch visits the rows, a window at a time. (seed, epoch) gives the same order on every machine and to every engine.
/// </summary>
/// <remarks>
/// Shuffling reads straight: blocks of contiguous rows are put into a random order, then the rows within each window, which a cache
/// holds, are. Up to one window of rows this is a full shuffle. A window is a whole number of minibatches, so none is cut by its end.
/// The rows of a window that is a single minibatch stay as they come, since a minibatch has no order.
/// </remarks>
internal sealed class RowOrder
{
    // A window of about 1 MiB of floats stays in a second-level cache; its size is part of the order, so it is no machine's own.
    private const int WindowValues = 1 << 18;
    // Each window mixes rows from this many places, so that rows that come sorted are mixed as well; from more, memory would be read in pieces too short to be fast.
    private const int BlocksPerWindow = 32;

    private readonly int _rowCount;
    private readonly int? _seed;
    private readonly int _blockRows;
    private readonly int[] _blocks;
    private readonly int[] _blockStarts;
    private int _epoch = -1;

    /// <param name="rowCount">The number of rows, at least 1.</param>
    /// <param name="valuesPerRow">The values that a row takes.</param>
    /// <param name="batchSize">The rows of a minibatch, at least 1.</param>
    /// <param name="seed">What the order follows from; null for the order of the data.</param>
    /// <param name="keepsWindows">Whether windows come as the data does, and only the rows within each are shuffled: for rows in a file, which is read straight.</param>
    public RowOrder(int rowCount, int valuesPerRow, int batchSize, int? seed, bool keepsWindows = false)
    {
        (_rowCount, _seed) = (rowCount, seed);
        var batches = Math.Max(1, WindowValues / Math.Max(1L, (long)batchSize * valuesPerRow));
        WindowRows = (int)Math.Min(batches * batchSize, rowCount);
        IsShuffledWithinWindows = seed is not null && WindowRows > batchSize;
        _blockRows = Math.Max(1, WindowRows / BlocksPerWindow);
        _blocks = seed is null || keepsWindows || WindowRows == rowCount ? [] : new int[(rowCount - 1) / _blockRows + 1];
        _blockStarts = new int[_blocks.Length];
    }

    /// <summary>The rows of every window but the last, which may have fewer.</summary>
    public int WindowRows { get; }

    /// <summary>The number of windows of an epoch.</summary>
    public int WindowCount => (_rowCount - 1) / WindowRows + 1;

    /// <summary>Whether the rows of a window are visited in another order than that of memory.</summary>
    public bool IsShuffledWithinWindows { get; }

    /// <summary>Writes the rows of a window.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="window">The window, in [0, <see cref="WindowCount"/>).</param>
    /// <param name="rows">Holds <see cref="WindowRows"/> rows; receives them block by block as they come in memory.</param>
    /// <param name="positions">As long; receives the place of each row in the order of the visit. Where rows are not shuffled it is left alone: their places are as they come.</param>
    /// <returns>The number of rows.</returns>
    public int Fill(int epoch, int window, Span<int> rows, Span<int> positions)
    {
        var start = window * WindowRows;
        rows = rows[..Math.Min(WindowRows, _rowCount - start)];
        if (_blocks.Length > 0) FillFromBlocks(epoch, start, rows);
        else FillFrom(start, rows);
        if (!IsShuffledWithinWindows) return rows.Length;
        FillFrom(0, positions[..rows.Length]);
        Random(_seed!.Value, epoch, window + 1).Shuffle(positions[..rows.Length]);
        return rows.Length;
    }

    private static void FillFrom(int start, Span<int> numbers)
    {
        for (var i = 0; i < numbers.Length; i++) numbers[i] = start + i;
    }

    private void FillFromBlocks(int epoch, int start, Span<int> rows)
    {
        if (epoch != _epoch) OrderBlocks(epoch);
        var found = Array.BinarySearch(_blockStarts, start);
        var block = found >= 0 ? found : ~found - 1;
        var offset = start - _blockStarts[block];
        for (var written = 0; written < rows.Length; block++, offset = 0)
        {
            var count = Math.Min(RowsOf(_blocks[block]) - offset, rows.Length - written);
            FillFrom(_blocks[block] * _blockRows + offset, rows.Slice(written, count));
            written += count;
        }
    }

    private void OrderBlocks(int epoch)
    {
        for (var i = 0; i < _blocks.Length; i++) _blocks[i] = i;
        Random(_seed!.Value, epoch, 0).Shuffle(_blocks);
        for (var (i, start) = (0, 0); i < _blocks.Length; start += RowsOf(_blocks[i++])) _blockStarts[i] = start;
        _epoch = epoch;
    }

    private int RowsOf(int block) => Math.Min(_blockRows, _rowCount - block * _blockRows);

    private static SeededRandom Random(int seed, int epoch, int part) =>
        new((ulong)(uint)seed << 32 | (uint)epoch, SeededRandom.RowOrderStream + ((ulong)(uint)part << 8));
}
