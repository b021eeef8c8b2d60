using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trials that are compared with each other.</summary>
/// <param name="Trials">The trials.</param>
/// <param name="Rungs">The epochs after which they are compared.</param>
/// <param name="Count">The number of trials; null if it is not known before the last one is read.</param>
internal sealed record TrialLot<TOptions>(IEnumerable<TrialDraft<TOptions>> Trials, Rungs Rungs, int? Count = null)
    where TOptions : LinearTrainerOptions;
