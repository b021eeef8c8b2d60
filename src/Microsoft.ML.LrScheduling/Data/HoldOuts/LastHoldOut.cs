namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Holds back the last units: fraction · units, rounded, at least one and not all.</summary>
/// <param name="fraction">The fraction to hold back, in (0, 1).</param>
internal sealed class LastHoldOut(double fraction) : HoldOut
{
    private bool _hasEnded;

    private long HeldBackCount => UnitCount < 2 ? 0 : Math.Clamp((long)Math.Round(fraction * UnitCount), 1, UnitCount - 1);

    /// <inheritdoc/>
    public override bool? IsHeldBack(long unit) => unit < UnitCount - HeldBackCount ? false : _hasEnded ? true : null;

    /// <inheritdoc/>
    public override void End() => _hasEnded = true;
}
