namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A stretch of the way of some trials: to a rung, or to their end. A trial that stands at a rung goes on from there.</summary>
/// <param name="Trials">The trials, in their order.</param>
/// <param name="Wanted">Those whose results are not known yet; the others are their company, and need no training.</param>
/// <param name="Until">The epochs after which a trial stands and waits; <see cref="ToTheEnd"/> for none.</param>
/// <param name="Competes">
/// Whether trials come and go by their scores: each then comes to the same bits in whatever company, and alone.
/// </param>
internal sealed record TrialLeg(IReadOnlyList<TrialWork> Trials, IReadOnlySet<int> Wanted, int Until, bool Competes)
{
    /// <summary>Trials train to their own end.</summary>
    public const int ToTheEnd = int.MaxValue;
}
