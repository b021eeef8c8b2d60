using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>What a journal tells.</summary>
/// <param name="Study">What its trials have in common; null where nothing is written yet.</param>
/// <param name="Trials">The trials that have ended, by their number.</param>
/// <param name="Options">The options of trials, where they are wanted; not of those that have none.</param>
/// <param name="Folds">How trials did on parts of the rows.</param>
/// <param name="Length">The bytes that tell it: behind them stands part of a line that had been cut.</param>
/// <param name="EndsLine">Whether the last of these bytes is the end of a line.</param>
internal sealed record JournalContents(
    JournalStudy? Study, IReadOnlyDictionary<int, JournalTrial> Trials, IReadOnlyDictionary<int, LinearTrainerOptions> Options,
    IReadOnlyList<JournalFold> Folds, long Length, bool EndsLine);
