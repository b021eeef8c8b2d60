namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The order in which an epoch visits the rows, one window at a time. A seed and an epoch give the same order on every machine and for
/// every engine.
/// </summary>
/// <remarks>
/// Shuffling reads memory sequentially: it puts blocks of contiguous rows into a random order, and then shuffles the rows within each
/// window, which fits into a cache. If all rows fit into one window, this is a full shuffle. A window contains whole minibatches. If a
/// window is a single minibatch, its rows are not shuffled, because the order within a minibatch has no effect.
/// </remarks>
internal sealed class RowOrder
{
    // A window of about 1 MiB stays in a second-level cache. The size affects the order, so it must be the same on every machine.
    private const int WindowValues = 1 << 18;
    // Each window mixes rows from this number of places, so that sorted rows are mixed too. With more places, the contiguous pieces of
    // memory would be too short to be fast.
    private const int BlocksPerWindow = 32;

    // The purposes of the random streams of an epoch.
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
    /// <param name="valuesPerRow">The number of values per row.</param>
    /// <param name="batchSize">The number of rows in a minibatch, at least 1.</param>
    /// <param name="seed">The seed of the order; null for the order of the data.</param>
    /// <param name="keepsWindows">
    /// Whether windows keep the order of the data, and only the rows within each are shuffled. This is for a file, which is read
    /// sequentially.
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
        // A window can start and end within a block, and the last block of all can be short.
        _runs = new RowRun[_blocks.Length == 0 ? 1 : WindowRows / _blockRows + 3];
        _places = new int[IsShuffledWithinWindows ? WindowRows : 0];
    }

    /// <summary>The number of rows in each window except the last one, which can have fewer.</summary>
    public int WindowRows { get; }

    /// <summary>The number of windows in an epoch.</summary>
    public int WindowCount => (_rowCount - 1) / WindowRows + 1;

    /// <summary>Whether the rows of a window are visited in a different order than that of memory.</summary>
    public bool IsShuffledWithinWindows { get; }

    /// <summary>Returns the rows of a window in the order of memory. The span is valid until the next call.</summary>
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
    /// Returns the place of each row of a window in the order of visits; empty if rows are visited in the order of memory. All windows of
    /// an epoch have the same places (except for a shorter last window), but different rows. The span is valid until the next call.
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

/// <summary>A range of consecutive rows.</summary>
/// <param name="Start">The first row.</param>
/// <param name="Count">The number of rows.</param>
internal readonly record struct RowRun(int Start, int Count);
