namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Chooses, as rows are read, which units of them are held back for validation: single rows, or all rows of a key. Units have numbers
/// from 0, in the order in which they first come. Of two or more at least one is held back and at least one is not.
/// </summary>
internal abstract class HoldOut
{
    private readonly Dictionary<object, long> _keys = [];

    /// <summary>The number of units so far.</summary>
    public long UnitCount { get; private set; }

    /// <summary>The unit of the next row.</summary>
    /// <param name="key">What it has in common with the other rows of its unit; null for a row that is one by itself.</param>
    public long UnitOfNext(object? key)
    {
        if (key is not null && _keys.TryGetValue(key, out var known)) return known;
        var unit = UnitCount++;
        if (key is not null) _keys.Add(key, unit);
        See(unit, isOfMoreRows: key is not null);
        return unit;
    }

    /// <summary>
    /// Whether a unit is held back; null as long as that is not known. It is asked for units that more rows may come of, for those it was
    /// not known of, and for the newest one.
    /// </summary>
    public abstract bool? IsHeldBack(long unit);

    /// <summary>Says that no further row comes: from now on all is known.</summary>
    public abstract void End();

    /// <summary>Takes note of a new unit.</summary>
    private protected virtual void See(long unit, bool isOfMoreRows)
    {
    }
}
