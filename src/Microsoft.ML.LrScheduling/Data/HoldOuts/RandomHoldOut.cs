namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Holds back one random unit in each range of 1/fraction consecutive units. Their number is fraction · units, within one. Units that are
/// sorted in some way are therefore drawn from all parts of the data. If the rows end before the first chosen unit, one unit is drawn at
/// the end.
/// </summary>
/// <param name="fraction">The fraction to hold back, in (0, 1).</param>
/// <param name="seed">The seed. The same seed chooses the same units.</param>
internal sealed class RandomHoldOut(double fraction, int seed) : HoldOut
{
    // Only units with a key, which can have more rows. Single rows are not stored, because there can be very many.
    private readonly HashSet<long> _heldBack = [];
    private SeededRandom _random = new(seed, SeededRandom.HoldOutStream);
    private long _stretch;
    private long _next = -1;
    private long? _last;

    /// <inheritdoc/>
    public override bool? IsHeldBack(long unit) => _last is null ? null : unit == _last || _heldBack.Contains(unit);

    /// <inheritdoc/>
    public override void End() => _last ??= UnitCount < 2 ? -1 : _random.Next((int)Math.Min(int.MaxValue, UnitCount));

    private protected override void See(long unit, bool isOfMoreRows)
    {
        if (_next < unit) _next = Choose();
        if (unit != _next) return;
        _last = unit;
        if (isOfMoreRows) _heldBack.Add(unit);
        _stretch++;
    }

    private long Choose()
    {
        // Range i contains the units from ⌈i / fraction⌉ to ⌈(i + 1) / fraction⌉ − 1.
        var first = (long)Math.Ceiling(_stretch / fraction);
        var end = (long)Math.Ceiling((_stretch + 1) / fraction);
        return first + _random.Next((int)Math.Min(int.MaxValue, end - first));
    }
}
