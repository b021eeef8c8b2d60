namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// A section of the training of some trials: to a rung, or to their end. A trial that waits at a rung continues from there.
/// </summary>
/// <param name="Trials">The trials, in order.</param>
/// <param name="Wanted">The trials to train. The results of the others are already known.</param>
/// <param name="Until">The number of epochs after which trials wait; <see cref="ToTheEnd"/> for none.</param>
/// <param name="Competes">
/// Whether trials are promoted or stopped by their scores. Each trial must then get the same bits alone and together with any others.
/// </param>
internal sealed record TrialLeg(IReadOnlyList<TrialWork> Trials, IReadOnlySet<int> Wanted, int Until, bool Competes)
{
    /// <summary>The trials train to their end.</summary>
    public const int ToTheEnd = int.MaxValue;
}
