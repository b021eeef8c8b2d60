namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Holds back one unit at a random place in each stretch of 1/fraction units. Their number is fraction · units to within one, and units
/// that come in some order are drawn from all of it. Where there are fewer units than come before the first one, one of them is drawn in
/// the end.
/// </summary>
/// <param name="fraction">The part to hold back, in (0, 1).</param>
/// <param name="seed">The same seed chooses the same units.</param>
internal sealed class RandomHoldOut(double fraction, int seed) : HoldOut
{
    // Only of units of which more rows may come: there are as many single rows as there is data.
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
        // Stretch i covers the units from ⌈i / fraction⌉ to before ⌈(i + 1) / fraction⌉.
        var first = (long)Math.Ceiling(_stretch / fraction);
        var end = (long)Math.Ceiling((_stretch + 1) / fraction);
        return first + _random.Next((int)Math.Min(int.MaxValue, end - first));
    }
}
