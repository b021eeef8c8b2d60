using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Collects the results of a sweep's trials. It keeps them in memory, writes them to the journal, and reports them as progress.
/// </summary>
/// <param name="options">The options of the sweep.</param>
/// <param name="journal">The journal; null for none.</param>
/// <param name="note">Receives messages for the user.</param>
internal sealed class SweepLedger<TOptions>(SweepOptions options, SweepJournal? journal, Action<string> note)
    where TOptions : LinearTrainerOptions
{
    private readonly SortedDictionary<int, StudyTrial<TOptions>> _ended = [];
    // Identifies the sweep in its reports, for an observer that receives the reports of several sweeps.
    private readonly object _identity = new();
    private SweepRows? _rows;
    private bool _isAnewNoted;
    private int? _endedInLastReport;

    /// <summary>The metric that trials are compared by.</summary>
    public Metric Metric { get; private set; }

    /// <summary>The trials that have ended, in the order of their numbers.</summary>
    public IReadOnlyList<StudyTrial<TOptions>> Trials => [.. _ended.Values];

    /// <summary>Returns a trial that has ended.</summary>
    public StudyTrial<TOptions> this[int number] => _ended[number];

    /// <summary>Sets the rows and the metric, and writes them to the journal or compares them with it.</summary>
    /// <exception cref="InvalidOperationException">The journal belongs to another sweep.</exception>
    public void Begin(SweepRows rows, Metric metric)
    {
        (_rows, Metric) = (rows, metric);
        journal?.Begin(new JournalStudy(rows.Trainer, metric, rows.Text, rows.Hash));
    }

    /// <summary>Uses the result of a trial in the journal. Returns false if the journal has no result that can be used.</summary>
    /// <param name="draft">The trial.</param>
    /// <param name="competition">A description of the competition of the trial; null for none.</param>
    /// <exception cref="InvalidOperationException">The journal has a different trial with the same number.</exception>
    /// <exception cref="InvalidDataException">The model in the journal does not fit the rows.</exception>
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
        // With other trials or other rungs, the trial might not have been stopped.
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

    /// <summary>Adds a trial that has ended.</summary>
    /// <param name="draft">The trial.</param>
    /// <param name="result">The result of the trial.</param>
    /// <param name="rungs">The epochs after which it was compared with others.</param>
    /// <param name="leftBy">A description of the competition that stopped it early; null if it ended by itself.</param>
    /// <param name="isKept">Whether it is written to the journal. A trial that was cancelled is not.</param>
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

    /// <summary>Returns the scores of the cross-validation that are in the journal.</summary>
    public FoldScores KnownFolds()
    {
        var (scores, split) = (new FoldScores(options.NumberOfFolds!.Value), FoldScores.SplitOf(options));
        JournalFold[] folds = [.. journal?.Folds.Where(fold => fold.Split == split) ?? []];
        foreach (var fold in folds) scores.Add(fold.Trial, fold.Fold, fold.Score, fold.Failure);
        // Study.Load uses the split of the last score in the journal, so the last line must be one of this split.
        if (folds.Length > 0 && journal!.Folds[^1].Split != split) journal.Add(folds[^1]);
        return scores;
    }

    /// <summary>Adds the score of a trial on a fold.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Add(FoldResult fold) => journal?.Add(new JournalFold(
        FoldScores.SplitOf(options), options.NumberOfFolds!.Value, fold.Trial, fold.Fold, fold.Score, fold.Failure));

    /// <summary>Sets the scores of the trials from a cross-validation.</summary>
    public void Apply(FoldScores scores)
    {
        foreach (var trial in scores.Apply(Trials, note)) _ended[trial.Number] = trial;
    }

    /// <summary>Returns the score after an epoch, or after the last one; null if it is not defined.</summary>
    public double? ScoreAfter(IReadOnlyList<EpochRecord> epochs, int? epoch = null) => TrialScore.After(epochs, epoch, Metric);

    /// <summary>Returns the score after an epoch with the sign for which lower is better; null if it is not defined.</summary>
    public double? CostAfter(IReadOnlyList<EpochRecord> epochs, int epoch) =>
        Metric.HigherIsBetter() ? -ScoreAfter(epochs, epoch) : ScoreAfter(epochs, epoch);

    /// <summary>Reports the progress of all trials.</summary>
    /// <param name="running">The trials that have not ended.</param>
    /// <param name="timeLeft">The estimated remaining time; null if it is not known.</param>
    /// <param name="onFolds">The trainings of the cross-validation: those that have ended, and all.</param>
    public void Report(
        IEnumerable<(TrialDraft<TOptions> Draft, IReadOnlyList<EpochRecord> Epochs)> running, TimeSpan? timeLeft,
        (int Ended, int Count) onFolds = default)
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
        {
            TimeLeft = timeLeft,
            EndedFoldTrainingCount = onFolds.Ended,
            FoldTrainingCount = onFolds.Count,
            Sweep = _identity,
        });
    }

    /// <summary>Reports the final progress, if there were reports and trials have ended since the last one.</summary>
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
        // With cross-validation, the trial gets another score later.
        else if (options.NumberOfFolds is null && trial.WhyNoScore(Metric) is { } why)
            note(TrialText.WithoutScore(number, trial.Hyperparameters, why));
    }
}
