namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Divides the features of sparse rows into ranges with about the same number of values, one range per thread. Each thread changes only the
/// data of its own features, in the order of the rows, so the result does not depend on the ranges.
/// </summary>
/// <param name="count">The number of ranges.</param>
internal sealed class FeatureRanges(int count)
{
    private const int Sampled = 1 << 10;

    // Ranges start at multiples of this, so that two threads do not share a cache line.
    private const int FeaturesTogether = AlignedArray.Lanes;

    private readonly int[] _sample = new int[Sampled];
    private readonly int[] _ends = [.. Enumerable.Repeat(int.MaxValue, count)];
    private RowWindow? _window;

    /// <summary>The number of ranges.</summary>
    public int Count => count;

    private delegate SparseRow EntriesOf(int row);

    /// <summary>Computes the ranges from the rows of a window.</summary>
    public void Take(RowWindow window)
    {
        if (count == 1 || ReferenceEquals(window, _window)) return;
        _window = window;
        Divide(window.Count, window.Entries);
    }

    /// <summary>Computes the ranges from the rows of a block.</summary>
    public void Take(RowBlock block)
    {
        if (count > 1) Divide(block.Rows, block.Entries);
    }

    /// <summary>Returns the values of a row whose features are in a range.</summary>
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

    /// <summary>Returns the number of features, in ascending order, that are below another one.</summary>
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
