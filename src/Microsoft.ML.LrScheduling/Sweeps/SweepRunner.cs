using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Trains the trials of a sweep on rows that are read once. Those whose <see cref="LinearTrainerOptions.SharedSettings"/> are the same
/// train together in one pass.
/// </summary>
/// <param name="createTrainer">Makes a trainer of options.</param>
/// <param name="space">What is chosen from.</param>
/// <param name="options">How the sweep goes.</param>
internal sealed class SweepRunner<TOptions>(Func<TOptions, ISweptTrainer> createTrainer, SweepSpace<TOptions> space, SweepOptions options)
    where TOptions : LinearTrainerOptions
{
    private static readonly TimeSpan BetweenStates = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<int, StudyTrial<TOptions>> _ended = [];
    private readonly List<Live> _live = [];
    private SweepJournal? _journal;
    private Dictionary<int, TrainingState> _states = [];
    private long _stateSaved;
    private SweptRows? _rows;
    private ISweptTrainer? _reader;
    private Metric _metric;
    private (string Text, string Hash) _rowsIdentity;

    /// <summary>Trains all trials.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">The rows to measure on; null for those that are held back.</param>
    /// <param name="features">What makes the features; null where they are there.</param>
    public Study<TOptions> Run(IDataView trainData, IDataView? validationData, IEstimator<ITransformer>? features)
    {
        using var journal =
            options.Journal is { } path ? SweepJournal.Open(path, options.WhenJournalIsInUse, options.CancellationToken) : null;
        _journal = journal;
        _states = journal?.LoadState() ?? [];
        var fitted = features?.Fit(trainData);
        var (ownTrainData, ownValidationData) = (fitted?.Transform(trainData) ?? trainData,
            validationData is null ? null : fitted?.Transform(validationData) ?? validationData);
        try
        {
            foreach (var lot in (options.Strategy ?? space.DefaultStrategy).Lots(space, options.Seed))
            {
                // Trials that do not compete train in lots of as many as go together.
                if (lot.Rungs.First > 0) RunLot([.. lot.Trials], lot.Rungs, ownTrainData, ownValidationData);
                else
                    foreach (var together in lot.Trials.Chunk(options.TrialsTogether))
                        RunLot(together, lot.Rungs, ownTrainData, ownValidationData);
            }

            if (options.NumberOfFolds is not null) CrossValidate(trainData, validationData, features);
            journal?.DeleteState();
            var study = new Study<TOptions>(_metric, [.. _ended.Values], bestModel: null, [.. journal?.Notes ?? []]);
            return study.Leaderboard is not [{ Score: not null, Weights: { } weights } best, ..]
                ? study
                : new Study<TOptions>(_metric, study.Trials, Behind(fitted, ModelOf(best.Options, weights, best.History)), study.Notes);
        }
        finally
        {
            _rows?.Read.Dispose();
        }
    }

    private static ITransformer Behind(ITransformer? features, ITransformer model) =>
        features is null ? model : new TransformerChain<ITransformer>(features, model);

    private ITransformer ModelOf(TOptions trial, LinearWeights weights, TrainingHistory history)
    {
        var trainer = createTrainer(trial);
        return trainer.ModelOf(weights, history, trainer.RowsFor(_rows!.Read));
    }

    private void RunLot(TrialDraft<TOptions>[] drafts, Rungs rungs, IDataView trainData, IDataView? validationData)
    {
        var live = drafts.Select(Prepare).ToArray();
        if (live.Length == 0) return;
        if (_rows is null) Read(live[0].Trainer, trainData, validationData);
        if (rungs.First > 0 && _metric.NeedsValidation() && _rows!.Read.Validation is null)
            throw new InvalidOperationException("Trials that are left by their scores need validation data. Give validation data, or set "
                + "ValidationFraction in the trials' options.");
        foreach (var trial in live) CheckSameRows(trial);
        foreach (var trial in live.Where(trial => !TakeFromJournal(trial)))
        {
            trial.Run = _rows!.RunOf(trial.Trainer);
            _live.Add(trial);
        }

        var groups = live.Where(trial => trial.Run is not null)
            .GroupBy(trial => trial.Options.SharedSettings).Select(trials => new Group([.. trials], this)).ToArray();
        try
        {
            for (var rung = rungs.After(0); ; rung = rungs.After(rung!.Value))
            {
                foreach (var group in groups) group.TrainUntil(rung ?? int.MaxValue);
                if (Array.TrueForAll(groups, group => group.IsOver) || rung is null) break;
                Leave(live, rung.Value, rungs.Reduction);
                foreach (var group in groups) group.Shrink();
            }
        }
        finally
        {
            foreach (var group in groups) group.Dispose();
        }

        _live.Clear();
    }

    private Cancellation Cancellation => new(() => false, BestBy: null, options.CancellationToken);

    private Live Prepare(TrialDraft<TOptions> draft)
    {
        try
        {
            var own = (TOptions)draft.Options.CheckedCopy();
            if (own.Checkpoints is not null) throw new ArgumentException("Checkpoints of a trial must be null: a sweep keeps a journal.");
            own.Seed ??= options.Seed;
            return new Live(draft, own, createTrainer(own));
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"The options of trial {draft.Number} ({Text(draft.Hyperparameters)}) do not hold: {e.Message}", e);
        }
    }

    private void Read(ISweptTrainer trainer, IDataView trainData, IDataView? validationData)
    {
        _reader = trainer;
        var read = trainer.Read(trainData, validationData, Cancellation);
        _rows = new SweptRows(read, test: null, Cancellation);
        _metric = options.Metric
            ?? (read.Validation is null && options.NumberOfFolds is null ? Metric.TrainingLoss : trainer.Options.MonitoredMetric);
        if (options.NumberOfFolds is not null && !_metric.NeedsValidation())
            throw new InvalidOperationException(
                $"Metric must be one that is measured on rows that were not trained on, where there are folds. Received: {_metric}");
        if (_metric.NeedsValidation() && read.Validation is null && options.NumberOfFolds is null)
            throw new InvalidOperationException($"Metric must be {Metric.TrainingLoss} where there is no validation data. Received: "
                + $"{_metric}. Give validation data, or set ValidationFraction in the trials' options.");
        if (_metric != Metric.TrainingLoss && !trainer.Options.ValidationMetrics.Contains(_metric))
            throw new InvalidOperationException($"Metric must be one that the trainer measures: {Metric.TrainingLoss}, "
                + $"{string.Join(", ", trainer.Options.ValidationMetrics)}. Received: {_metric}");
        var rows = RowsHash.Describe(read.Training, read.Validation);
        var hash = _journal is null ? "" : RowsHash.Of(read.Training, read.Validation);
        _rowsIdentity = (rows, hash);
        _journal?.Begin(trainer.GetType().Name, OptionsJson.NameOf($"{_metric}"), rows, hash);
    }

    // The rows are read once, so all that decides about them is to be the same.
    private void CheckSameRows(Live trial)
    {
        foreach (var (name, read) in LinearTrainerOptions.RowOptions)
            if (!Equals(read(trial.Options), read(_reader!.Options)))
                throw new InvalidOperationException(
                    $"{name} must be the same in all trials of a sweep, since the rows are read once. Received: {read(_reader.Options)}, "
                    + $"and {read(trial.Options)} in trial {trial.Draft.Number}");
    }

    private void CrossValidate(IDataView trainData, IDataView? validationData, IEstimator<ITransformer>? features)
    {
        var split = $"{options.NumberOfFolds} folds, seed {options.Seed}" + (options.SamplingKeyColumnName is { } key ? $", by {key}" : "");
        StudyTrial<TOptions>[] trained =
            [.. _ended.Values.Where(trial => trial.Weights is not null && trial.History.StopReason != StopReason.Pruned)];
        var scores = new Dictionary<(int Trial, int Fold), double?>();
        foreach (var (trial, fold, score) in _journal?.FoldsOf(split) ?? []) scores[(trial, fold)] = score;
        foreach (var (fold, trial, score) in new CrossValidation<TOptions>(createTrainer, options, _metric, Cancellation).Run(
            trained, (trial, fold) => scores.ContainsKey((trial, fold)), trainData, validationData, features))
        {
            scores[(trial, fold)] = score;
            _journal?.Fold(split, trial, fold, score);
        }

        foreach (var trial in _ended.Values.ToArray()) _ended[trial.Number] = trial with { Score = null };
        foreach (var trial in trained)
        {
            double?[] own = [.. Enumerable.Range(0, options.NumberOfFolds!.Value).Select(fold => scores[(trial.Number, fold)])];
            _ended[trial.Number] = trial with { FoldScores = [.. own], Score = own.Contains(null) ? null : own.Average() };
        }

        Report();
    }

    private bool TakeFromJournal(Live trial)
    {
        var number = trial.Draft.Number;
        if (_journal?.Ended.GetValueOrDefault(number) is not { } ended) return false;
        var drawn = SweepJournal.Values(trial.Draft.Hyperparameters);
        if (!JsonNode.DeepEquals(JsonNode.Parse(drawn.ToJsonString()), ended["hyperparameters"]))
            throw new InvalidOperationException(
                $"The journal {options.Journal} is of another sweep: trial {number} had {ended["hyperparameters"]?.ToJsonString()} and "
                + $"has {drawn.ToJsonString()}. Choose another file, or delete it.");
        if (ChangedOption(trial.Options, ended["options"] as JsonObject) is var (name, was, now))
            throw new InvalidOperationException(
                $"The journal {options.Journal} is of another sweep: trial {number} had {name} {was} and has {now}. Choose another file, "
                + "or delete it.");
        try
        {
            var history = TrainingHistory.FromJson(ended["history"]!.ToJsonString());
            Add(trial, history, ended["weights"]?.GetValue<string>() is { } text ? WeightsOf(Convert.FromBase64String(text)) : null);
            return true;
        }
        catch (Exception e) when (e is NullReferenceException
            or InvalidOperationException or FormatException or JsonException or IOException or InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"What the journal {options.Journal} tells of trial {number} cannot be read. Repair it, or "
                + $"choose another file. {e.Message}", e);
        }
    }

    // What is no hyperparameter may have been changed as well; of a limit it matters only which rows there are, in which order.
    private static (string Name, string Was, string Now)? ChangedOption(TOptions trial, JsonObject? journalled)
    {
        var own = (JsonObject)JsonNode.Parse(trial.ToJsonWithoutDelegates())!;
        var names = own.Concat(journalled ?? []).Select(option => option.Key)
            .Where(name => name != OptionsJson.NameOf(nameof(trial.MemoryLimitMB)));
        foreach (var name in names)
            if (!JsonNode.DeepEquals(own[name], journalled?[name]))
                return (name, journalled?[name]?.ToJsonString() ?? "not set", own[name]?.ToJsonString() ?? "not set");
        return null;
    }

    private LinearWeights WeightsOf(byte[] bytes)
    {
        var (outputs, features) = (_rows!.Read.Task.OutputCount, _rows.Read.Training.FeatureCount);
        return LinearWeights.Load(TrainingState.Reader([.. bytes]), new LinearWeights(new float[outputs * features], new float[outputs]));
    }

    private TrainingIdentity IdentityOf(Live trial) => new(
        ImmutableSortedDictionary<string, string>.Empty.Add("options", trial.Options.ToJsonWithoutDelegates())
            .Add("schedule", $"{trial.Options.LearningRateSchedule}"),
        _rowsIdentity.Text, _rowsIdentity.Hash);

    private void Add(Live trial, TrainingHistory history, LinearWeights? weights) => _ended.Add(trial.Draft.Number, new StudyTrial<TOptions>
    {
        Number = trial.Draft.Number,
        Hyperparameters = [.. trial.Draft.Hyperparameters],
        Options = trial.Options,
        History = history with { Schedule = trial.Options.LearningRateSchedule },
        Score = weights is null
            ? null
            : ScoreOf(history.Epochs, trial.Options.EarlyStopping is { RestoreBestWeights: true } ? history.BestEpoch : null),
        Weights = weights,
    });

    private double? ScoreOf(IReadOnlyList<EpochRecord> epochs, int? best) =>
        epochs.Count > 0 && epochs[(best ?? epochs.Count) - 1][_metric] is { } score && double.IsFinite(score) ? score : null;

    /// <summary>Of all that have come to a rung, the best go on.</summary>
    private void Leave(Live[] lot, int rung, int reduction)
    {
        (Live Trial, double Score)[] there =
        [
            .. from trial in lot
               let epochs = trial.Run?.Epochs ?? _ended[trial.Draft.Number].History.Epochs
               where epochs.Count >= rung
               let score = ScoreOf(epochs, rung) ?? double.NaN
               orderby double.IsNaN(score), _metric.HigherIsBetter() ? -score : score, trial.Draft.Number
               select (trial, score),
        ];
        foreach (var (trial, _) in there.Skip((there.Length - 1) / reduction + 1))
        {
            if (trial.Run is not { Ended: null }) continue;
            trial.Run.End(StopReason.Pruned);
            End(trial);
        }
    }

    private void End(Live trial)
    {
        var run = trial.Run!;
        var isTrained = run.Epochs.Count > 0 && run.Ended != StopReason.Diverged;
        var history = run.History(run.Ended!.Value) with
        {
            Trainer = trial.Trainer.GetType().Name,
            Options = trial.Options.ToJsonWithoutDelegates(),
            Schedule = trial.Options.LearningRateSchedule,
            ScheduleText = trial.Options.LearningRateSchedule?.ToString(),
        };
        Add(trial, history, isTrained ? run.Weights : null);
        var ended = _ended[trial.Draft.Number];
        _journal?.End(trial.Draft.Number, trial.Draft.Hyperparameters, history.Options, ended.Score, history, ended.Weights);
    }

    private void Report()
    {
        if (options.Progress is null) return;
        var trials = _live.Where(trial => !_ended.ContainsKey(trial.Draft.Number))
            .Select(trial => new TrialProgress(
                trial.Draft.Number, [.. trial.Draft.Hyperparameters], trial.Run!.Epochs.Count, ScoreOf(trial.Run.Epochs, null), null))
            .Concat(_ended.Values.Select(trial => new TrialProgress(
                trial.Number, trial.Hyperparameters, trial.History.Epochs.Count, trial.Score, trial.History.StopReason)));
        options.Progress.Report(new SweepProgress(
            _metric,
            [.. trials.OrderBy(trial => trial.Score is null)
                .ThenBy(trial => _metric.HigherIsBetter() ? -trial.Score : trial.Score).ThenBy(trial => trial.Number)],
            _ended.Count));
    }

    private static string Text(IEnumerable<Hyperparameter> hyperparameters) =>
        string.Join(", ", hyperparameters.Select(drawn => $"{drawn.Name} = {drawn.Text}"));

    /// <summary>A trial that has not ended, as far as it has been told of.</summary>
    private sealed class Live(TrialDraft<TOptions> draft, TOptions options, ISweptTrainer trainer)
    {
        public TrialDraft<TOptions> Draft => draft;

        public TOptions Options => options;

        public ISweptTrainer Trainer => trainer;

        public ModelRun? Run { get; set; }

        // The rate with which it has diverged, where that followed from the rows.
        private double _divergedAt = double.PositiveInfinity;

        /// <summary>
        /// Gives a trial whose rate followed from the rows, and was too high, a tenth of it; returns false where it has a rate of its own.
        /// </summary>
        public bool BeginsAgain(SweptRows rows)
        {
            if (Run is not { Ended: StopReason.Diverged } run || options.LearningRate is not null || run.Rates[0] >= _divergedAt)
                return false;
            _divergedAt = run.Rates[0];
            Run = rows.RunOf(trainer, run.Plan.LearningRates[0] / 10);
            return true;
        }
    }

    /// <summary>Trials that train together.</summary>
    private sealed class Group : IDisposable
    {
        private readonly Live[] _trials;
        private readonly SweepRunner<TOptions> _sweep;
        private readonly ModelRun[] _runs;
        private readonly JointTraining _training;
        private readonly List<Group> _again = [];

        public Group(Live[] trials, SweepRunner<TOptions> sweep, bool isAgain = false)
        {
            (_trials, _sweep, _runs) = (trials, sweep, [.. trials.Select(trial => trial.Run!)]);
            _training = sweep._rows!.Join([.. trials.Select(trial => trial.Trainer)], _runs);
            if (isAgain) return;
            if (!Array.TrueForAll(trials, trial => sweep._states.ContainsKey(trial.Draft.Number))) return;
            var states = trials.Select(trial => sweep._states[trial.Draft.Number]).ToArray();
            // Of another sweep over the same file, or of trials that were not together.
            if (states.Any(state => state.Epoch != states[0].Epoch || state.Ended is not null)) return;
            if (trials.Zip(states).Any(pair => sweep.IdentityOf(pair.First).DifferenceFrom(pair.Second.Identity) is not null)) return;
            _training.Restore(states);
        }

        public bool IsOver => _training.IsOver && _again.TrueForAll(group => group.IsOver);

        public void TrainUntil(int epoch)
        {
            while (!_training.IsOver && _training.Epoch < epoch)
            {
                _training.TrainEpoch();
                foreach (var trial in OwnTrials.Where(
                    trial => trial.Run!.Ended is not null && !_sweep._ended.ContainsKey(trial.Draft.Number)))
                {
                    if (trial.BeginsAgain(_sweep._rows!)) _again.Add(new Group([trial], _sweep, isAgain: true));
                    else _sweep.End(trial);
                }

                _training.Shrink();
                Keep();
                _sweep.Report();
            }

            foreach (var group in _again) group.TrainUntil(epoch);
        }

        public void Shrink()
        {
            _training.Shrink();
            foreach (var group in _again) group.Shrink();
        }

        public void Dispose()
        {
            _training.Dispose();
            foreach (var group in _again) group.Dispose();
        }

        // But for those that have begun again.
        private IEnumerable<Live> OwnTrials => _trials.Where((trial, i) => trial.Run == _runs[i]);

        private void Keep()
        {
            if (_sweep._journal is not { } journal || Stopwatch.GetElapsedTime(_sweep._stateSaved) < BetweenStates) return;
            journal.SaveState([.. Enumerable.Range(0, _trials.Length).Where(i => _trials[i].Run == _runs[i] && _runs[i].Ended is null)
                .Select(i => (_trials[i].Draft.Number, _training.Save(i, _sweep.IdentityOf(_trials[i]))))]);
            _sweep._stateSaved = Stopwatch.GetTimestamp();
        }
    }
}
