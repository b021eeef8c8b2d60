using System.Diagnostics;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Runs a sweep. It takes trials from the search space, passes those without a result in the journal to a worker, and stops bad trials
/// early if the strategy says so.
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
    // Trials that cannot be trained, before the rows have been read.
    private readonly List<TrialDraft<TOptions>> _waiting = [];
    // The competition of each competing trial, by its number.
    private readonly Dictionary<int, Competition> _competitions = [];
    private readonly Dictionary<ITrialBatch, Competition?> _underWay = [];
    // The trials that wait at a rung.
    private readonly Dictionary<int, (ITrialBatch Batch, IReadOnlyList<EpochRecord> Epochs)> _standing = [];
    private Dictionary<int, TrainingState> _states = [];
    private long _stateSaved;
    private SweepRows? _rows;
    private long _started;
    private SweepProspect? _prospect;
    private SweepWarnings? _warnings;
    private int? _trialCount;
    private bool _isCut;

    /// <param name="space">The search space.</param>
    /// <param name="options">The options of the sweep.</param>
    /// <param name="journal">The journal; null for none.</param>
    /// <param name="notes">The messages for the user. The runner adds more.</param>
    /// <param name="createWorker">Creates the worker, which reads the rows and trains, from the cancellation of the sweep.</param>
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

    // A requested cancellation has priority over the time limit.
    private bool ReturnsSoFar => _rows is not null
        && (_options.CancellationToken.IsCancellationRequested ? _options.Cancellation == CancellationMode.ReturnBest : IsTimeUp);

    // The trials that are training, and those that wait at a rung.
    private IEnumerable<(int Number, ITrialBatch Batch, IReadOnlyList<EpochRecord> Epochs)> Unfinished => _underWay.Keys
        .SelectMany(batch => batch.Running.Select(trial => (trial.Number, batch, trial.Epochs)))
        .Concat(_standing.Select(trial => (trial.Key, trial.Value.Batch, trial.Value.Epochs)));

    /// <summary>Trains all trials.</summary>
    public Study<TOptions> Run() => EndOfProgress.Watch(
        _options.Progress, RunAll, _ => _isCut ? StopReason.Cancelled : StopReason.Completed);

    private Study<TOptions> RunAll()
    {
        var strategy = _options.Strategy ?? _space.DefaultStrategy;
        foreach (var note in SweepChecks.WithoutEffect(_options)) _notes.Add(note);
        if (_space.IsGiven && strategy.WithoutEffectOn(_space.GivenCount) is { } ofStrategy) _notes.Add(ofStrategy);
        using (_worker)
        {
            _states = _journal?.State.Load().ToDictionary(state => state.Key, state => StandingTrial.Without(state.Value)) ?? [];
            try
            {
                TrainAll(strategy);
                if (_ledger.Trials.Count + _waiting.Count == 0) throw SweepChecks.NoTrials();
                if (_options.NumberOfFolds is not null && _rows is not null) CrossValidate();
                _journal?.State.Delete();
                _worker.End();
            }
            catch (OperationCanceledException) when (ReturnsSoFar)
            {
                foreach (var (batch, number) in Unfinished.Select(trial => (trial.Batch, trial.Number)).ToArray())
                    _ledger.Add(_begun[number], batch.End(number, StopReason.Cancelled), RungsOf(number), isKept: false);
                NoteEnd();
            }
            finally
            {
                foreach (var batch in _underWay.Keys) batch.Dispose();
            }

            _ledger.ReportLast();
            _journal?.CheckWhole();
            ThrowWhereAllFailed();
            var study = new Study<TOptions>(_ledger.Metric, [.. _ledger.Trials], bestModel: null, [.. _notes.Texts]);
            if (study.NoteOnBest is { } note)
            {
                _notes.Add(note);
                study = new Study<TOptions>(study.Metric, study.Trials, bestModel: null, [.. _notes.Texts]);
            }

            return study.Leaderboard is not [{ Score: not null, Weights: { } weights } best, ..]
                ? study
                : new Study<TOptions>(
                    study.Metric, study.Trials, _worker.ModelOf(new TrialWork(best.Number, best.Options), weights, best.History),
                    study.Notes);
        }
    }

    void IBatchObserver.Ended(TrialResult result)
    {
        // A trial can fail while its next leg begins, when it still waits at the rung.
        _standing.Remove(result.Number);
        _ledger.Add(_begun[result.Number], result, RungsOf(result.Number));
        LeaveCompetition(result.Number);
    }

    void IBatchObserver.Note(string text) => _notes.Add(text);

    void IBatchObserver.EpochEnded(ITrialBatch batch)
    {
        if (_journal is not null && Stopwatch.GetElapsedTime(_stateSaved) >= BetweenStates)
        {
            _journal.State.Save([.. batch.Save()
                .Select(one => (one.Trial, StandingTrial.With(one.State, _begun[one.Trial].Hyperparameters)))]);
            _stateSaved = Stopwatch.GetTimestamp();
        }

        (int Number, IReadOnlyList<EpochRecord> Epochs)[] running = [.. Unfinished.Select(trial => (trial.Number, trial.Epochs))];
        _ledger.Report(
            running.Select(trial => (_begun[trial.Number], trial.Epochs)),
            _prospect?.TimeLeft(
                _trialCount, running.Select(trial => ((LinearTrainerOptions)_begun[trial.Number].Options!, trial.Epochs.Count)),
                _ledger.Trials.Count + running.Length));
    }

    private void TrainAll(SweepStrategy strategy)
    {
        var drawn = 0;
        foreach (var lot in strategy.Lots(_space, _options.Seed))
        {
            _trialCount = lot.Rungs.First == 0 ? lot.Count : null;
            foreach (var (together, competition) in Batches(lot, strategy))
            {
                drawn += together.Length;
                // A chunk that is not full is the last one, so the number of trials is now known.
                if (competition is null && together.Length < _options.TrialsTogether) _trialCount ??= drawn;
                Begin(together, competition);
                while (_underWay.Count >= _worker.BatchesAtOnce) FinishOne();
            }
        }

        while (_underWay.Count > 0) FinishOne();
    }

    /// <summary>Divides the trials of a lot into batches that start together.</summary>
    private IEnumerable<(TrialDraft<TOptions>[] Together, Competition?)> Batches(TrialLot<TOptions> lot, SweepStrategy strategy)
    {
        if (lot.Rungs.First == 0) return lot.Trials.Chunk(_options.TrialsTogether).Select(together => (together, (Competition?)null));
        TrialDraft<TOptions>[] all = [.. lot.Trials];
        var competition = new Competition(
            lot.Rungs, all.Select(draft => draft.Number), $"{strategy} among {Quantity.Of(all.Length, "trial")}");
        foreach (var draft in all) _competitions.Add(draft.Number, competition);
        // If only one batch can train at a time, all competing trials are in this batch, so they are compared when all have reached the
        // rung.
        return all.Chunk(_worker.BatchesAtOnce == 1 ? Math.Max(1, all.Length) : _options.TrialsTogether)
            .Select(together => (together, (Competition?)competition));
    }

    private void Begin(TrialDraft<TOptions>[] drawn, Competition? competition)
    {
        TrialDraft<TOptions>[] drafts = [.. drawn.Select(draft => draft.Checked(_options.Seed))];
        // A function of the user may have thrown because it cancelled the sweep.
        if (Array.Exists(drafts, draft => draft.Failure is not null)) _cancellation.ThrowIfRequested();
        TrialWork[] works = [.. drafts.Where(draft => draft.Failure is null).Select(WorkOf)];
        if (_rows is null && works.Length > 0) Read(works);
        if (_rows is null)
        {
            _waiting.AddRange(drafts);
            return;
        }

        if (competition is not null) SweepChecks.CheckComparable(_rows, _ledger.Metric);
        foreach (var work in works) SweepChecks.CheckSameRows(work, _rows.Options);
        HashSet<int> left = [.. _waiting.Concat(drafts).Where(draft => !Takes(draft)).Select(draft => draft.Number)];
        _waiting.Clear();
        if (left.Count > 0)
        {
            _cancellation.ThrowIfRequested();
            foreach (var draft in drafts.Where(draft => left.Contains(draft.Number)))
            {
                _begun[draft.Number] = draft;
                _prospect!.Begin(draft.Options!);
                _warnings!.AddOfTrial(draft.Options!);
            }

            BeginLeg(new TrialLeg(works, left, competition?.Rungs.First ?? TrialLeg.ToTheEnd, competition is not null), competition);
        }

        if (competition is not null) Compete(competition);
    }

    private void BeginLeg(TrialLeg leg, Competition? competition) => _underWay.Add(_worker.Begin(leg, _states, this), competition);

    /// <summary>Trains until a batch has completed its leg.</summary>
    private void FinishOne()
    {
        var batch = _worker.TrainUntilOneEnds();
        _underWay.Remove(batch, out var competition);
        if (competition is not null)
            foreach (var (number, state) in batch.Save())
                _states[number] = state;
        batch.Dispose();
        if (competition is null) return;
        foreach (var (number, epochs) in batch.Running)
        {
            _standing.Add(number, (batch, epochs));
            competition.Come(number, _ledger.CostAfter(epochs, competition.NextRung(number)));
        }

        Compete(competition);
    }

    /// <summary>Stops or continues the trials that wait at rungs, as the competition decides.</summary>
    private void Compete(Competition competition)
    {
        foreach (var number in competition.TakeThoseThatAreLeft())
        {
            _states.Remove(number);
            _standing.Remove(number, out var trial);
            _ledger.Add(_begun[number], trial.Batch.End(number, StopReason.Pruned), competition.Rungs, competition.Name);
        }

        foreach (var rung in competition.TakeThoseThatGoUp().GroupBy(competition.NextRung))
            foreach (var together in rung.Chunk(_worker.BatchesAtOnce == 1 ? int.MaxValue : _options.TrialsTogether))
            {
                BeginLeg(new TrialLeg([.. together.Select(number => WorkOf(_begun[number]))], together.ToHashSet(), rung.Key, true),
                    competition);
                // Not before: if the sweep is cancelled while the leg begins, the trials are still those that wait at the rung.
                foreach (var number in together) _standing.Remove(number);
            }
    }

    private void LeaveCompetition(int number)
    {
        if (!_competitions.TryGetValue(number, out var competition)) return;
        var (epochs, failure) = (_ledger[number].History.Epochs, _ledger[number].Failure);
        var last = epochs is [.., { Epoch: var epoch }] ? epoch : 0;
        // A trial that failed exactly at a rung must not take the place of a trial that can continue.
        competition.End(number, failure is null ? last : last - 1, rung => _ledger.CostAfter(epochs, rung));
    }

    private Rungs RungsOf(int number) => _competitions.TryGetValue(number, out var competition) ? competition.Rungs : Rungs.None;

    /// <summary>Adds the result of a trial that needs no training. Returns false if the trial must be trained.</summary>
    private bool Takes(TrialDraft<TOptions> draft)
    {
        if (!_ledger.TakesFromJournal(draft, _competitions.GetValueOrDefault(draft.Number)?.Name))
        {
            if (draft.Failure is not { } failure) return false;
            _ledger.Add(draft, TrialResult.Failed(draft.Number, "", draft.Options, failure), RungsOf(draft.Number));
        }

        LeaveCompetition(draft.Number);
        return true;
    }

    private void Read(TrialWork[] works)
    {
        foreach (var work in works) SweepChecks.CheckSameRows(work, works[0].Options);
        SweepChecks.CheckMeasured(_options, works[0].Options);
        var rows = _worker.Read(works, isHashed: _journal is not null);
        var metric = SweepChecks.MetricOf(_options, rows);
        _ledger.Begin(rows, metric);
        _warnings = new SweepWarnings(_notes, rows, _cancellation);
        _warnings.AddOfMetric(_options, metric);
        (_rows, _started) = (rows, Stopwatch.GetTimestamp());
        _prospect = new SweepProspect(_options, rows.TrainingRowCount);
    }

    private void CrossValidate()
    {
        TrialWork[] trained = [.. _ledger.Trials.Where(FoldScores.Takes).Select(trial => new TrialWork(trial.Number, trial.Options))];
        var scores = _ledger.KnownFolds();
        var (folds, all) = (_options.NumberOfFolds!.Value, trained.Length * _options.NumberOfFolds.Value);
        var known = trained.Sum(trial => Enumerable.Range(0, folds).Count(fold => scores.IsKnown(trial.Number, fold)));
        var (ended, began) = (known, Stopwatch.GetTimestamp());
        try
        {
            if (ended < all) _ledger.Report([], timeLeft: null, (ended, all));
            foreach (var together in _worker.CrossValidate(trained, _ledger.Metric, scores.IsKnown))
            {
                foreach (var fold in together)
                {
                    scores.Add(fold.Trial, fold.Fold, fold.Score, fold.Failure);
                    _ledger.Add(fold);
                }

                ended += together.Count;
                // The report after the last one has the scores of the cross-validation.
                if (ended < all)
                    _ledger.Report(
                        [], _prospect!.AtMostTheLimit(Stopwatch.GetElapsedTime(began) * ((double)(all - ended) / (ended - known))),
                        (ended, all));
            }
        }
        catch (OperationCanceledException) when (ReturnsSoFar)
        {
            _ledger.Apply(scores);
            throw;
        }

        _ledger.Apply(scores);
        _ledger.Report([], TimeSpan.Zero, (ended, all));
    }

    private void NoteEnd()
    {
        _isCut = true;
        var under = _ledger.Trials.Count(trial => trial.History.StopReason == StopReason.Cancelled);
        var why = _options.CancellationToken.IsCancellationRequested ? "was cancelled" : $"reached its time limit of {_options.TimeLimit}";
        var ended = Quantity.Of(_ledger.Trials.Count - under, "trial has", "trials have");
        _notes.Add((_ledger.Trials.Count == 0 ? $"The sweep {why} before a trial had begun."
            : $"The sweep {why}: {ended} ended, {Quantity.Of(under, "was", "were")} running.")
            + (_journal is null ? "" : " You can continue it with its journal."));
    }

    private void ThrowWhereAllFailed()
    {
        // Not by Failure, because a trial that failed only in a fold has a model.
        var failed = _ledger.Trials.Where(trial => trial.History.StopReason == StopReason.Failed)
            .Select(trial => (new TrialDraft<TOptions>(trial.Number, null, trial.Hyperparameters), trial.Failure))
            .Concat(_waiting.Select(draft => (draft, draft.Failure))).ToArray();
        if (failed is not [var (first, failure), ..] || failed.Length < _ledger.Trials.Count + _waiting.Count) return;
        throw new InvalidOperationException(
            (failed.Length == 1 ? $"The only trial, {first}, failed." : $"All {failed.Length} trials failed. The first is {first}.")
            + $" {failure}" + (_journal is null || _rows is null ? ""
                : $" The journal {_options.Journal} records this: choose another file, or delete it, to try again."));
    }

    private static TrialWork WorkOf(TrialDraft<TOptions> draft) => new(draft.Number, draft.Options!);
}
