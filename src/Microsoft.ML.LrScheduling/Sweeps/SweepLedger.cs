using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What has come of the trials of a sweep so far: in memory, in its journal, and as progress that is told.</summary>
/// <param name="options">How the sweep goes.</param>
/// <param name="journal">The journal; null for none.</param>
/// <param name="note">Told of what a user should know.</param>
internal sealed class SweepLedger<TOptions>(SweepOptions options, SweepJournal? journal, Action<string> note)
    where TOptions : LinearTrainerOptions
{
    private readonly SortedDictionary<int, StudyTrial<TOptions>> _ended = [];
    // Of the sweep, for those who are told of several.
    private readonly object _identity = new();
    private SweepRows? _rows;
    private bool _isAnewNoted;
    private int? _endedInLastReport;

    /// <summary>What trials are compared by.</summary>
    public Metric Metric { get; private set; }

    /// <summary>The trials that have ended, by their number.</summary>
    public IReadOnlyList<StudyTrial<TOptions>> Trials => [.. _ended.Values];

    /// <summary>A trial that has ended.</summary>
    public StudyTrial<TOptions> this[int number] => _ended[number];

    /// <summary>Takes note of the rows.</summary>
    /// <exception cref="InvalidOperationException">The journal is of another sweep.</exception>
    public void Begin(SweepRows rows, Metric metric)
    {
        (_rows, Metric) = (rows, metric);
        journal?.Begin(new JournalStudy(rows.Trainer, metric, rows.Text, rows.Hash));
    }

    /// <summary>Takes a trial from the journal; returns false where that does not tell of it.</summary>
    /// <param name="draft">The trial.</param>
    /// <param name="competition">The trials that it competes with, in words; null for none.</param>
    /// <exception cref="InvalidOperationException">It tells of another trial of the same number.</exception>
    /// <exception cref="InvalidDataException">It tells of a model of other rows.</exception>
    public bool TakesFromJournal(TrialDraft<TOptions> draft, string? competition)
    {
        if (journal?.Ended.GetValueOrDefault(draft.Number) is not { } known) return false;
        if (TrialDifference.Between(draft, known) is { } difference)
            throw new InvalidOperationException(
                $"The journal {options.Journal} belongs to another sweep: trial {draft.Number} {difference}. Choose another file, or "
                + "delete it.");
        if (known.Weights is { } weights && (weights.OutputCount != _rows!.Outputs || weights.FeatureCount != _rows.Features))
            throw new InvalidDataException(
                $"The result of trial {draft.Number} in the journal {options.Journal} cannot be used: its model must have "
                + $"{_rows!.Outputs} · {_rows.Features} weights. Received: {weights.OutputCount} · {weights.FeatureCount}. "
                + "Delete its line, and it is trained again.");
        // Among other trials, or after other epochs, it might have gone on.
        if (known.History.StopReason == StopReason.Pruned && known.LeftBy != competition)
        {
            if (!_isAnewNoted)
                note($"Trials that {known.LeftBy ?? "another strategy"} stopped early are trained again, since their results are "
                    + "valid only for that strategy.");
            _isAnewNoted = true;
            return false;
        }

        _ended.Add(draft.Number, new StudyTrial<TOptions>
        {
            Number = draft.Number,
            Hyperparameters = [.. draft.Hyperparameters],
            Options = draft.Options,
            History = OnRows(known.History) with { Schedule = draft.Options?.LearningRateSchedule },
            Score = known.Score,
            Failure = known.Failure,
            Weights = known.Weights,
        });
        NoteFailure(draft.Number);
        return true;
    }

    /// <summary>Takes note that a trial has ended.</summary>
    /// <param name="draft">The trial.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="rungs">After which epochs it was compared with others.</param>
    /// <param name="leftBy">The competition that left it, in words; null where it came to its end.</param>
    /// <param name="isKept">Whether it goes into the journal, which only those do that have come to their own end.</param>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Add(TrialDraft<TOptions> draft, TrialResult result, Rungs rungs, string? leftBy = null, bool isKept = true)
    {
        var history = OnRows(result.History.Trainer.Length > 0 ? result.History : result.History with { Trainer = _rows!.Trainer });
        var score = result.Weights is null
            ? null
            : ScoreAfter(history.Epochs, draft.Options!.EarlyStopping is { RestoreBestWeights: true } ? history.BestEpoch : null);
        _ended.Add(draft.Number, new StudyTrial<TOptions>
        {
            Number = draft.Number,
            Hyperparameters = [.. draft.Hyperparameters],
            Options = draft.Options,
            History = history,
            Score = score,
            Failure = result.Failure,
            Weights = result.Weights,
        });
        if (isKept)
            journal?.End(
                new JournalTrial(draft.Number, [.. draft.Hyperparameters], score, result.Failure, history, result.Weights, leftBy),
                rungs.Contains);
        NoteFailure(draft.Number);
    }

    /// <summary>The scores of a cross-validation that the journal tells of.</summary>
    public FoldScores KnownFolds()
    {
        var (scores, split) = (new FoldScores(options.NumberOfFolds!.Value), FoldScores.SplitOf(options));
        JournalFold[] folds = [.. journal?.Folds.Where(fold => fold.Split == split) ?? []];
        foreach (var fold in folds) scores.Add(fold.Trial, fold.Fold, fold.Score, fold.Failure);
        // Those of the last line are the scores of the study that is loaded.
        if (folds.Length > 0 && journal!.Folds[^1].Split != split) journal.Add(folds[^1]);
        return scores;
    }

    /// <summary>Takes note of how a trial did on a part of the rows.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Add(FoldResult fold) => journal?.Add(new JournalFold(
        FoldScores.SplitOf(options), options.NumberOfFolds!.Value, fold.Trial, fold.Fold, fold.Score, fold.Failure));

    /// <summary>Takes note of the scores of a cross-validation.</summary>
    public void Apply(FoldScores scores)
    {
        foreach (var trial in scores.Apply(Trials, note)) _ended[trial.Number] = trial;
    }

    /// <summary>The score after an epoch, or after the last one; null where it is not defined, or there is none.</summary>
    public double? ScoreAfter(IReadOnlyList<EpochRecord> epochs, int? epoch = null) => TrialScore.After(epochs, epoch, Metric);

    /// <summary>How a trial does after an epoch, the lower the better; null where that is not defined.</summary>
    public double? CostAfter(IReadOnlyList<EpochRecord> epochs, int epoch) =>
        Metric.HigherIsBetter() ? -ScoreAfter(epochs, epoch) : ScoreAfter(epochs, epoch);

    /// <summary>Tells how all trials stand.</summary>
    /// <param name="running">Those that have not ended.</param>
    /// <param name="timeLeft">How long the sweep goes on; null where that is not known.</param>
    public void Report(IEnumerable<(TrialDraft<TOptions> Draft, IReadOnlyList<EpochRecord> Epochs)> running, TimeSpan? timeLeft = null)
    {
        if (options.Progress is null) return;
        _endedInLastReport = _ended.Count;
        var trials = running
            .Select(trial => new TrialProgress(
                trial.Draft.Number, [.. trial.Draft.Hyperparameters], trial.Epochs.Count, ScoreAfter(trial.Epochs), null))
            .Concat(_ended.Values.Select(trial => new TrialProgress(
                trial.Number, trial.Hyperparameters, trial.EpochCount, trial.Score, trial.History.StopReason)));
        options.Progress.Report(new SweepProgress(
            Metric,
            [.. trials.OrderBy(trial => trial.Score is null)
                .ThenBy(trial => Metric.HigherIsBetter() ? -trial.Score : trial.Score).ThenBy(trial => trial.Number)],
            _ended.Count)
        { TimeLeft = timeLeft, Sweep = _identity });
    }

    /// <summary>Tells how all trials have ended, where some have since it was told last, and it was.</summary>
    public void ReportLast()
    {
        if (_endedInLastReport is { } told && told != _ended.Count) Report([], TimeSpan.Zero);
    }

    private TrainingHistory OnRows(TrainingHistory history) => history with
    {
        TrainingRowCount = _rows!.TrainingRowCount,
        ValidationRowCount = _rows.ValidationRowCount,
    };

    private void NoteFailure(int number)
    {
        var trial = _ended[number];
        if (trial.Failure is { } failure) note(TrialText.Failed(number, trial.Hyperparameters, failure));
        // Folds give it another one.
        else if (options.NumberOfFolds is null && trial.WhyNoScore(Metric) is { } why)
            note(TrialText.WithoutScore(number, trial.Hyperparameters, why));
    }
}
