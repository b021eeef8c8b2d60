using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trials that are compared with one another.</summary>
/// <param name="Trials">The trials.</param>
/// <param name="Rungs">When those that are behind are left.</param>
/// <param name="Count">How many there are; null where nobody knows before the last has come.</param>
internal sealed record TrialLot<TOptions>(IEnumerable<TrialDraft<TOptions>> Trials, Rungs Rungs, int? Count = null)
    where TOptions : LinearTrainerOptions;
