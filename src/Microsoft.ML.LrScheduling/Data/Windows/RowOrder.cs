namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The order in which an epoch visits the rows, a window at a time. (seed, epoch) gives the same order on every machine and to every
/// engine.
/// </summary>
/// <remarks>
/// Shuffling reads straight: blocks of contiguous rows are put into a random order, and then the rows within each window, which a cache
/// holds. Up to one window of rows this is a full shuffle. A window is a whole number of minibatches, so none is cut by its end.
/// The rows of a window that is a single minibatch stay as they come, since a minibatch has no order.
/// </remarks>
internal sealed class RowOrder
{
    // A window of about 1 MiB of floats stays in a second-level cache; its size is part of the order, so it is no machine's own.
    private const int WindowValues = 1 << 18;
    // Each window mixes rows from this many places, so that rows that come sorted are mixed as well; from more, memory would be read in
    // pieces too short to be fast.
    private const int BlocksPerWindow = 32;

    // What the parts of an epoch's randomness are for.
    private const int Blocks = 0;
    private const int FullWindows = 1;
    private const int ShortWindow = 2;

    private readonly int _rowCount;
    private readonly int? _seed;
    private readonly int _blockRows;
    private readonly int[] _blocks;
    private readonly int[] _blockStarts;
    private readonly RowRun[] _runs;
    private readonly int[] _places;
    private int _blocksEpoch = -1;
    private (int Epoch, int Count) _placesOf;

    /// <param name="rowCount">The number of rows, at least 1.</param>
    /// <param name="valuesPerRow">The values that a row takes.</param>
    /// <param name="batchSize">The rows of a minibatch, at least 1.</param>
    /// <param name="seed">What the order follows from; null for the order of the data.</param>
    /// <param name="keepsWindows">
    /// Whether windows come as the data does, and only the rows within each are shuffled: for rows in a file, which is read straight.
    /// </param>
    public RowOrder(int rowCount, int valuesPerRow, int batchSize, int? seed, bool keepsWindows = false)
    {
        (_rowCount, _seed) = (rowCount, seed);
        var batches = Math.Max(1, WindowValues / Math.Max(1L, (long)batchSize * valuesPerRow));
        WindowRows = (int)Math.Min(batches * batchSize, rowCount);
        IsShuffledWithinWindows = seed is not null && WindowRows > batchSize;
        _blockRows = Math.Max(1, WindowRows / BlocksPerWindow);
        _blocks = seed is null || keepsWindows || WindowRows == rowCount ? [] : new int[(rowCount - 1) / _blockRows + 1];
        _blockStarts = new int[_blocks.Length];
        // A window may begin and end within blocks, and the last block of all may be short.
        _runs = new RowRun[_blocks.Length == 0 ? 1 : WindowRows / _blockRows + 3];
        _places = new int[IsShuffledWithinWindows ? WindowRows : 0];
    }

    /// <summary>The rows of every window but the last, which may have fewer.</summary>
    public int WindowRows { get; }

    /// <summary>The number of windows of an epoch.</summary>
    public int WindowCount => (_rowCount - 1) / WindowRows + 1;

    /// <summary>Whether the rows of a window are visited in another order than that of memory.</summary>
    public bool IsShuffledWithinWindows { get; }

    /// <summary>The rows of a window as they come in memory, until the next window is asked for.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="window">The window, in [0, <see cref="WindowCount"/>).</param>
    public ReadOnlySpan<RowRun> Runs(int epoch, int window)
    {
        var start = window * WindowRows;
        var left = Math.Min(WindowRows, _rowCount - start);
        if (_blocks.Length == 0)
        {
            _runs[0] = new RowRun(start, left);
            return _runs.AsSpan(0, 1);
        }

        if (epoch != _blocksEpoch) OrderBlocks(epoch);
        var found = Array.BinarySearch(_blockStarts, start);
        var block = found >= 0 ? found : ~found - 1;
        var offset = start - _blockStarts[block];
        var count = 0;
        for (; left > 0; block++, offset = 0)
        {
            var rows = Math.Min(RowsOf(_blocks[block]) - offset, left);
            _runs[count++] = new RowRun(_blocks[block] * _blockRows + offset, rows);
            left -= rows;
        }

        return _runs.AsSpan(0, count);
    }

    /// <summary>
    /// The place of each row of a window in the order of the visit, until the next window is asked for; empty where rows are visited as
    /// they come. The windows of an epoch have the same places, but not the last one if it is shorter: the rows that come to them are
    /// others.
    /// </summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="window">The window, in [0, <see cref="WindowCount"/>).</param>
    public ReadOnlySpan<int> Places(int epoch, int window)
    {
        if (!IsShuffledWithinWindows) return [];
        var count = Math.Min(WindowRows, _rowCount - window * WindowRows);
        if (_placesOf != (epoch, count))
        {
            _placesOf = (epoch, count);
            for (var i = 0; i < count; i++) _places[i] = i;
            Random(_seed!.Value, epoch, count == WindowRows ? FullWindows : ShortWindow).Shuffle(_places.AsSpan(0, count));
        }

        return _places.AsSpan(0, count);
    }

    private void OrderBlocks(int epoch)
    {
        for (var i = 0; i < _blocks.Length; i++) _blocks[i] = i;
        Random(_seed!.Value, epoch, Blocks).Shuffle(_blocks);
        for (var (i, start) = (0, 0); i < _blocks.Length; start += RowsOf(_blocks[i++])) _blockStarts[i] = start;
        _blocksEpoch = epoch;
    }

    private int RowsOf(int block) => Math.Min(_blockRows, _rowCount - block * _blockRows);

    private static SeededRandom Random(int seed, int epoch, int part) =>
        new((ulong)(uint)seed << 32 | (uint)epoch, SeededRandom.RowOrderStream + ((ulong)(uint)part << 8));
}

/// <summary>Rows that follow one another.</summary>
/// <param name="Start">The first.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct RowRun(int Start, int Count);
