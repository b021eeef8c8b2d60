namespace Microsoft.ML.Data;

/// <summary>A uniform sample of fixed size of rows that come one by one; all of them while there are no more than that.</summary>
internal sealed class Reservoir<T>(int capacity, Random random)
{
    private readonly List<T> _rows = [];
    private long _seen;

    internal IReadOnlyList<T> Rows => _rows;

    internal void Add(T row)
    {
        _seen++;
        if (_rows.Count < capacity) _rows.Add(row);
        else if (random.NextDouble() * _seen < capacity) _rows[random.Next(capacity)] = row;
    }
}
