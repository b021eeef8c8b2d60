namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Chooses which rows are held back for validation, while the rows are read. It chooses units: a unit is a single row, or all rows with the
/// same key. Units are numbered from 0 in the order of their first rows. If there are at least two units, at least one is held back and at
/// least one is not.
/// </summary>
internal abstract class HoldOut
{
    private readonly Dictionary<object, long> _keys = [];

    /// <summary>The number of units so far.</summary>
    public long UnitCount { get; private set; }

    /// <summary>Returns the unit of the next row.</summary>
    /// <param name="key">The key of the row; null for a row that is a unit of its own.</param>
    public long UnitOfNext(object? key)
    {
        if (key is not null && _keys.TryGetValue(key, out var known)) return known;
        var unit = UnitCount++;
        if (key is not null) _keys.Add(key, unit);
        See(unit, isOfMoreRows: key is not null);
        return unit;
    }

    /// <summary>
    /// Whether a unit is held back; null if this is not known yet. Call it only for a unit that can have more rows, for a unit whose answer
    /// was null, or for the newest unit.
    /// </summary>
    public abstract bool? IsHeldBack(long unit);

    /// <summary>Ends the rows. From now on, the answer is known for all units.</summary>
    public abstract void End();

    /// <summary>Is called for each new unit.</summary>
    private protected virtual void See(long unit, bool isOfMoreRows)
    {
    }
}
