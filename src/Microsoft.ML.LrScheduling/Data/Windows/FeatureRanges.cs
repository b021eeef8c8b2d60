namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Ranges of the features of sparse rows, one a thread, with about as many values each. Threads that change what belongs to the features
/// of a range of their own change each of it in the order of the rows, whatever the ranges are.
/// </summary>
/// <param name="count">How many ranges.</param>
internal sealed class FeatureRanges(int count)
{
    private const int Sampled = 1 << 10;

    // What belongs to features of two ranges is not in one line of the cache.
    private const int FeaturesTogether = AlignedArray.Lanes;

    private readonly int[] _sample = new int[Sampled];
    private readonly int[] _ends = [.. Enumerable.Repeat(int.MaxValue, count)];
    private RowWindow? _window;

    /// <summary>How many there are.</summary>
    public int Count => count;

    private delegate SparseRow EntriesOf(int row);

    /// <summary>Finds ranges for the rows of a window.</summary>
    public void Take(RowWindow window)
    {
        if (count == 1 || ReferenceEquals(window, _window)) return;
        _window = window;
        Divide(window.Count, window.Entries);
    }

    /// <summary>Finds ranges for rows like those of a block.</summary>
    public void Take(RowBlock block)
    {
        if (count > 1) Divide(block.Rows, block.Entries);
    }

    /// <summary>The part of a row that is in a range.</summary>
    public SparseRow Of(SparseRow row, int range)
    {
        if (count == 1) return row;
        var start = range == 0 ? 0 : Find(row.Indices, _ends[range - 1]);
        var end = range == count - 1 ? row.Indices.Length : Find(row.Indices, _ends[range]);
        return new SparseRow(row.Values[start..end], row.Indices[start..end]);
    }

    private void Divide(int rows, EntriesOf entries)
    {
        var sampled = 0;
        for (var i = 0; i < Sampled; i++)
        {
            var indices = entries((int)((long)i * rows / Sampled)).Indices;
            if (indices.Length > 0) _sample[sampled++] = indices[i * 7 % indices.Length];
        }

        Array.Sort(_sample, 0, sampled);
        for (var range = 0; range < count - 1 && sampled > 0; range++)
            _ends[range] = _sample[(range + 1) * (long)sampled / count] / FeaturesTogether * FeaturesTogether;
    }

    /// <summary>How many of the features, which are in ascending order, are below another.</summary>
    private static int Find(ReadOnlySpan<int> features, int feature)
    {
        var (first, count) = (0, features.Length);
        while (count > 0)
        {
            var half = count / 2;
            if (features[first + half] < feature) (first, count) = (first + half + 1, count - half - 1);
            else count = half;
        }

        return first;
    }
}
