using System.Diagnostics;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Goes through the trials of a sweep: takes them from the search space, gives those that no journal tells of to a worker, and leaves
/// those that do worse, as the strategy says.
/// </summary>
internal sealed class SweepRunner<TOptions> : IBatchObserver
    where TOptions : LinearTrainerOptions
{
    private static readonly TimeSpan BetweenStates = TimeSpan.FromSeconds(1);

    private readonly SweepSpace<TOptions> _space;
    private readonly SweepOptions _options;
    private readonly SweepJournal? _journal;
    private readonly SweepNotes _notes;
    private readonly Cancellation _cancellation;
    private readonly ISweepWorker _worker;
    private readonly SweepLedger<TOptions> _ledger;
    private readonly Dictionary<int, TrialDraft<TOptions>> _begun = [];
    // Trials that cannot be trained, as long as no rows have been read.
    private readonly List<TrialDraft<TOptions>> _waiting = [];
    private readonly Queue<UnderWay> _underWay = [];
    private IReadOnlyDictionary<int, TrainingState> _states = new Dictionary<int, TrainingState>();
    private long _stateSaved;
    private SweepRows? _rows;
    private long _started;

    /// <param name="space">What is chosen from.</param>
    /// <param name="options">How the sweep goes.</param>
    /// <param name="journal">The journal; null for none.</param>
    /// <param name="notes">What a user should know, which comes to more.</param>
    /// <param name="createWorker">Makes what reads the rows and trains, of what ends it.</param>
    public SweepRunner(
        SweepSpace<TOptions> space, SweepOptions options, SweepJournal? journal, SweepNotes notes,
        Func<Cancellation, ISweepWorker> createWorker)
    {
        (_space, _options, _journal, _notes) = (space, options, journal, notes);
        _cancellation = new Cancellation(() => IsTimeUp, BestBy: null, options.CancellationToken);
        _worker = createWorker(_cancellation);
        _ledger = new SweepLedger<TOptions>(options, journal, notes.Add);
    }

    private bool IsTimeUp => _rows is not null && _options.TimeLimit is { } limit && Stopwatch.GetElapsedTime(_started) >= limit;

    // What was asked for comes before what happened meanwhile.
    private bool ReturnsSoFar => _rows is not null
        && (_options.CancellationToken.IsCancellationRequested ? _options.Cancellation == CancellationMode.ReturnBest : IsTimeUp);

    /// <summary>Trains all trials.</summary>
    public Study<TOptions> Run()
    {
        using (_worker)
        {
            _states = _journal?.State.Load() ?? [];
            try
            {
                TrainAll();
                if (_options.NumberOfFolds is not null && _rows is not null) CrossValidate();
                _journal?.State.Delete();
            }
            catch (OperationCanceledException) when (ReturnsSoFar)
            {
                foreach (var (batch, _) in _underWay)
                    foreach (var trial in batch.Running)
                        _ledger.Add(_begun[trial.Number], batch.End(trial.Number, StopReason.Cancelled), isKept: false);
                NoteEnd();
            }
            finally
            {
                foreach (var (batch, _) in _underWay) batch.Dispose();
            }

            ThrowWhereAllFailed();
            var study = new Study<TOptions>(_ledger.Metric, [.. _ledger.Trials], bestModel: null, [.. _notes.Texts]);
            return study.Leaderboard is not [{ Score: not null, Weights: { } weights } best, ..]
                ? study
                : new Study<TOptions>(
                    study.Metric, study.Trials, _worker.ModelOf(new TrialWork(best.Number, best.Options), weights, best.History),
                    study.Notes);
        }
    }

    void IBatchObserver.Ended(TrialResult result) => _ledger.Add(_begun[result.Number], result);

    void IBatchObserver.Note(string text) => _notes.Add(text);

    void IBatchObserver.EpochEnded(ITrialBatch batch)
    {
        if (_journal is not null && Stopwatch.GetElapsedTime(_stateSaved) >= BetweenStates)
        {
            _journal.State.Save(batch.Save());
            _stateSaved = Stopwatch.GetTimestamp();
        }

        _ledger.Report(_underWay.SelectMany(all => all.Batch.Running).Select(trial => (_begun[trial.Number], trial.Epochs)));
    }

    private void TrainAll()
    {
        foreach (var lot in (_options.Strategy ?? _space.DefaultStrategy).Lots(_space, _options.Seed))
        {
            if (lot.Rungs.First > 0 && _options.Workers is not null)
                throw new InvalidOperationException(
                    "Strategy must be Random or Grid where Workers train, since trials that compete train in "
                    + $"one process. Received: {_options.Strategy}");
            _ledger.BeginLot(lot.Rungs);
            // Trials that do not compete train in lots of as many as go together.
            var lots = lot.Rungs.First > 0 ? [[.. lot.Trials]] : lot.Trials.Chunk(_options.TrialsTogether);
            foreach (var together in lots)
            {
                Begin(together, lot.Rungs);
                while (_underWay.Count >= _worker.BatchesAtOnce) Finish(lot.Rungs);
            }

            while (_underWay.Count > 0) Finish(lot.Rungs);
        }
    }

    private void Begin(TrialDraft<TOptions>[] drawn, Rungs rungs)
    {
        TrialDraft<TOptions>[] drafts = [.. drawn.Select(draft => draft.Checked(_options.Seed))];
        // What a function threw may have been a wish to end all.
        if (Array.Exists(drafts, draft => draft.Failure is not null)) _cancellation.ThrowIfRequested();
        TrialWork[] works =
            [.. drafts.Where(draft => draft.Failure is null).Select(draft => new TrialWork(draft.Number, draft.Options!))];
        if (_rows is null && works.Length > 0) Read(works);
        if (_rows is null)
        {
            _waiting.AddRange(drafts);
            return;
        }

        if (rungs.First > 0 && _ledger.Metric.NeedsValidation() && !_rows.HasValidation)
            throw new InvalidOperationException("Trials that are left by their scores need validation data. Give validation data, or set "
                + "ValidationFraction in the trials' options.");
        if (rungs.First > 0 && _rows.UndefinedMetrics.Contains(_ledger.Metric))
            throw new InvalidOperationException(
                "Trials that are left by their scores need a metric that is defined for the validation rows. "
                + $"Received: {_ledger.Metric}, and all validation rows have the same label");
        foreach (var work in works) CheckSameRows(work);
        HashSet<int> left = [.. _waiting.Concat(drafts).Where(draft => !Takes(draft)).Select(draft => draft.Number)];
        _waiting.Clear();
        if (left.Count == 0) return;
        _cancellation.ThrowIfRequested();
        foreach (var draft in drafts.Where(draft => left.Contains(draft.Number))) _begun[draft.Number] = draft;
        _underWay.Enqueue(new UnderWay(_worker.Begin(works, left, _states, this), drafts));
    }

    /// <summary>Trains the batch that was begun first to its end.</summary>
    private void Finish(Rungs rungs)
    {
        var (batch, drafts) = _underWay.Peek();
        Train(batch, drafts, rungs);
        _underWay.Dequeue();
        batch.Dispose();
    }

    private void Train(ITrialBatch batch, TrialDraft<TOptions>[] drafts, Rungs rungs)
    {
        for (var rung = rungs.After(0); ; rung = rungs.After(rung!.Value))
        {
            batch.TrainUntil(rung ?? int.MaxValue);
            if (batch.Running.Count == 0 || rung is null) return;
            Leave(batch, drafts, rung.Value, rungs.Reduction);
        }
    }

    /// <summary>Of all that have come to a rung, the best go on.</summary>
    private void Leave(ITrialBatch batch, TrialDraft<TOptions>[] drafts, int rung, int reduction)
    {
        var running = batch.Running.ToDictionary(trial => trial.Number, trial => trial.Epochs);
        (int Trial, double Score)[] there =
        [
            .. from draft in drafts
               let epochs = running.GetValueOrDefault(draft.Number) ?? _ledger[draft.Number].History.Epochs
               where epochs is [.., { Epoch: var last }] && (last > rung || (last == rung && !HasFailed(draft.Number)))
               let score = _ledger.ScoreAfter(epochs, rung) ?? double.NaN
               orderby double.IsNaN(score), _ledger.Metric.HigherIsBetter() ? -score : score, draft.Number
               select (draft.Number, score),
        ];
        foreach (var (trial, _) in there.Skip((there.Length - 1) / reduction + 1).Where(trial => running.ContainsKey(trial.Trial)))
            _ledger.Add(_begun[trial], batch.End(trial, StopReason.Pruned));

        // One that failed at the rung itself takes the place of none that can go on.
        bool HasFailed(int trial) => !running.ContainsKey(trial) && _ledger[trial].Failure is not null;
    }

    /// <summary>Takes a trial that needs no training; returns false for one that does.</summary>
    private bool Takes(TrialDraft<TOptions> draft)
    {
        if (_ledger.TakesFromJournal(draft)) return true;
        if (draft.Failure is not { } failure) return false;
        _ledger.Add(draft, TrialResult.Failed(draft.Number, "", draft.Options, failure));
        return true;
    }

    private void Read(TrialWork[] works)
    {
        foreach (var work in works) CheckSameRows(work, works[0].Options);
        var rows = _worker.Read(works, isHashed: _journal is not null);
        var metric = _options.Metric
            ?? (!rows.HasValidation && _options.NumberOfFolds is null ? Metric.TrainingLoss : rows.Options.MonitoredMetric);
        if (_options.NumberOfFolds is not null && !metric.NeedsValidation())
            throw new InvalidOperationException(
                $"Metric must be one that is measured on rows that were not trained on, where there are folds. Received: {metric}");
        if (metric.NeedsValidation() && !rows.HasValidation && _options.NumberOfFolds is null)
            throw new InvalidOperationException($"Metric must be {Metric.TrainingLoss} where there is no validation data. Received: "
                + $"{metric}. Give validation data, or set ValidationFraction in the trials' options.");
        if (metric != Metric.TrainingLoss && !rows.Options.ValidationMetrics.Contains(metric))
            throw new InvalidOperationException($"Metric must be one that the trainer measures: {Metric.TrainingLoss}, "
                + $"{string.Join(", ", rows.Options.ValidationMetrics)}. Received: {metric}");
        _ledger.Begin(rows, metric);
        if (rows.UndefinedMetrics.Contains(metric) && _options.NumberOfFolds is null)
            _notes.Add(
                $"Trials are compared by {metric}, which is not defined for these validation rows: all have the same label. No trial "
                + "will have a score. Choose another Metric, or other validation rows.");
        (_rows, _started) = (rows, Stopwatch.GetTimestamp());
    }

    // The rows are read once, so all that decides about them is to be the same.
    private void CheckSameRows(TrialWork trial, LinearTrainerOptions? others = null)
    {
        others ??= _rows!.Options;
        foreach (var (name, read) in LinearTrainerOptions.RowOptions)
            if (!Equals(read(trial.Options), read(others)))
                throw new InvalidOperationException(
                    $"{name} must be the same in all trials of a sweep, since the rows are read once. Received: {read(others)}, "
                    + $"and {read(trial.Options)} in trial {trial.Number}");
    }

    private void CrossValidate()
    {
        TrialWork[] trained = [.. _ledger.Trials.Where(FoldScores.Takes).Select(trial => new TrialWork(trial.Number, trial.Options))];
        var scores = _ledger.KnownFolds();
        try
        {
            foreach (var fold in _worker.CrossValidate(trained, _ledger.Metric, scores.IsKnown))
            {
                scores.Add(fold.Trial, fold.Fold, fold.Score, fold.Failure);
                _ledger.Add(fold);
            }
        }
        catch (OperationCanceledException) when (ReturnsSoFar)
        {
            _ledger.Apply(scores);
            throw;
        }

        _ledger.Apply(scores);
        _ledger.Report([]);
    }

    private void NoteEnd()
    {
        var under = _ledger.Trials.Count(trial => trial.History.StopReason == StopReason.Cancelled);
        var why = _options.CancellationToken.IsCancellationRequested ? "was cancelled" : $"came to its time limit of {_options.TimeLimit}";
        var ended = Quantity.Of(_ledger.Trials.Count - under, "trial has", "trials have");
        _notes.Add((_ledger.Trials.Count == 0 ? $"The sweep {why} before a trial had begun."
            : $"The sweep {why}: {ended} ended, {Quantity.Of(under, "was", "were")} under way.")
            + (_journal is null ? "" : " With its journal it can go on."));
    }

    private void ThrowWhereAllFailed()
    {
        // One that failed in a fold has a model.
        var failed = _ledger.Trials.Where(trial => trial.History.StopReason == StopReason.Failed)
            .Select(trial => (new TrialDraft<TOptions>(trial.Number, null, trial.Hyperparameters), trial.Failure))
            .Concat(_waiting.Select(draft => (draft, draft.Failure))).ToArray();
        if (failed is not [var (first, failure), ..] || failed.Length < _ledger.Trials.Count + _waiting.Count) return;
        throw new InvalidOperationException(
            (failed.Length == 1 ? $"The only trial, {first}, failed." : $"All {failed.Length} trials failed. The first is {first}.")
            + $" {failure}" + (_journal is null || _rows is null ? ""
                : $" The journal {_options.Journal} keeps that: choose another file, or delete it, to try again."));
    }

    private sealed record UnderWay(ITrialBatch Batch, TrialDraft<TOptions>[] Drafts);
}
