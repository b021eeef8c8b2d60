using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>The contents of a journal.</summary>
/// <param name="Study">The properties of the sweep; null if the journal is empty.</param>
/// <param name="Trials">The trials that have ended, by number.</param>
/// <param name="Options">The options of trials, if they were requested and exist.</param>
/// <param name="Folds">The scores of a cross-validation.</param>
/// <param name="Length">The number of bytes in complete lines. An incomplete line may follow them.</param>
/// <param name="EndsLine">Whether the last of these bytes is the end of a line.</param>
internal sealed record JournalContents(
    JournalStudy? Study, IReadOnlyDictionary<int, JournalTrial> Trials, IReadOnlyDictionary<int, LinearTrainerOptions> Options,
    IReadOnlyList<JournalFold> Folds, long Length, bool EndsLine);
