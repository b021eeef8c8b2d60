namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Chooses, row by row as they are read, which ones to hold back for validation: one at a random place in each stretch of 1/fraction
/// rows. Their number is fraction · rows to within one, and rows that come in some order are drawn from all of it.
/// </summary>
/// <param name="fraction">The part to hold back, in (0, 1).</param>
/// <param name="seed">The same seed chooses the same rows.</param>
internal sealed class HoldOut(double fraction, int seed)
{
    private SeededRandom _random = new(seed, SeededRandom.HoldOutStream);
    private long _row;
    private long _stretch;
    private long _chosen = -1;

    /// <summary>Whether the next row is held back.</summary>
    public bool TakesNext()
    {
        if (_chosen < 0) _chosen = Choose();
        if (_row++ != _chosen) return false;
        _stretch++;
        _chosen = -1;
        return true;
    }

    private long Choose()
    {
        // Stretch i covers the rows from ⌈i / fraction⌉ to before ⌈(i + 1) / fraction⌉.
        var first = (long)Math.Ceiling(_stretch / fraction);
        var end = (long)Math.Ceiling((_stretch + 1) / fraction);
        return first + _random.Next((int)Math.Min(int.MaxValue, end - first));
    }
}
