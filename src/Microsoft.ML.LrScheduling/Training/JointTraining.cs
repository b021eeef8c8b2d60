using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Trains several models on the same minibatches, in one pass over the rows. Each model has its own rates, plateau and early stopping. If
/// one model ends, or its schedule fails, the others continue. Each model learns the same as if it were trained alone, except for rounding,
/// because the sums of several models are added in a different order.
/// </summary>
internal sealed class JointTraining : IDisposable
{
    private readonly IReadOnlyList<ModelRun> _runs;
    private readonly Func<IReadOnlyList<int>, ILinearEngine> _createEngine;
    private readonly WindowLoader _windows;
    private readonly TrainingSet? _validation;
    private readonly ValidationScores _scores;
    private readonly Cancellation _cancellation;
    private readonly bool _cyclesMomenta;
    private readonly ThreadLocal<float[]> _validationScores = new(() => []);

    // The index of the run for each model of the engine.
    private int[] _models;
    private ILinearEngine _engine;
    private double[] _rates = [];
    private double[] _momenta = [];

    /// <param name="runs">The models. Their plans must have the same minibatches.</param>
    /// <param name="createEngine">Creates an engine for some of the runs.</param>
    /// <param name="windows">The rows in the order of training. This object disposes it.</param>
    /// <param name="validation">The validation rows; null for none.</param>
    /// <param name="scores">The metrics of the task.</param>
    /// <param name="cancellation">Ends training before the next minibatch.</param>
    public JointTraining(
        IReadOnlyList<ModelRun> runs, Func<IReadOnlyList<int>, ILinearEngine> createEngine, WindowLoader windows, TrainingSet? validation,
        ValidationScores scores, Cancellation cancellation)
    {
        (_runs, _createEngine, _windows, _validation, _scores, _cancellation) =
            (runs, createEngine, windows, validation, scores, cancellation);
        _cyclesMomenta = runs.Any(run => !run.Momenta.IsEmpty);
        _models = [.. Enumerable.Range(0, runs.Count)];
        _engine = createEngine(_models);
        Take();
    }

    /// <summary>The number of epochs that have been trained.</summary>
    public int Epoch { get; private set; }

    /// <summary>Whether all runs have ended.</summary>
    public bool IsOver => _runs.All(run => run.Ended is not null);

    /// <summary>Trains an epoch.</summary>
    /// <exception cref="OperationCanceledException">Training was cancelled. The progress of the current epoch is lost.</exception>
    public void TrainEpoch()
    {
        var started = Stopwatch.GetTimestamp();
        var (batchSize, step) = (_runs[0].Plan.BatchSize, 0);
        for (var window = 0; window < _windows.WindowCount; window++)
        {
            var rows = _windows.Load(Epoch, window);
            _engine.LoadWindow(rows);
            for (var start = 0; start < rows.Count; start += batchSize)
            {
                _cancellation.ThrowIfRequested();
                _engine.Step(start, Math.Min(batchSize, rows.Count - start), _rates, _momenta);
                step++;
                for (var model = 0; model < _models.Length; model++) EndStep(model, step);
            }
        }

        EndEpoch(started, step);
        Epoch++;
    }

    /// <summary>Moves the models that have not ended to a smaller engine, if this makes an epoch faster.</summary>
    public void Shrink()
    {
        int[] active = [.. _models.Where(run => _runs[run].Ended is null)];
        if (active.Length == 0 || Padded(active.Length) == Padded(_models.Length))
        {
            Take();
            return;
        }

        var engine = _createEngine(active);
        for (var model = 0; model < active.Length; model++) engine.Load(model, TrainingState.Reader(StateOf(active[model])));
        _engine.Dispose();
        (_engine, _models) = (engine, active);
        (_rates, _momenta) = ([], []);
        Take();
    }

    /// <summary>Returns the state from which a run can resume, between two epochs.</summary>
    public TrainingState Save(int run, TrainingIdentity identity) =>
        _runs[run].Save(identity, Epoch, step: 0, _runs[run].Ended, _models.Contains(run) ? StateOf(run) : []);

    /// <summary>Resumes all runs from their states.</summary>
    public void Restore(IReadOnlyList<TrainingState> states)
    {
        Epoch = states.Max(state => state.Epoch);
        var like = _engine.GetWeights(0);
        for (var run = 0; run < states.Count; run++)
        {
            _runs[run].Restore(states[run], like);
            if (!states[run].Engine.IsEmpty) _engine.Load(run, TrainingState.Reader(states[run].Engine));
        }

        Shrink();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _windows.Dispose();
        _validationScores.Dispose();
    }

    // The engine pads several models to whole vectors, but not a single model.
    private static int Padded(int models) => models == 1 ? 1 : AlignedArray.Padded(models);

    private ImmutableArray<byte> StateOf(int run) => TrainingState.Bytes(writer => _engine.Save(Array.IndexOf(_models, run), writer));

    private void EndStep(int model, int step)
    {
        var run = _runs[_models[model]];
        if (run.Ended is not null) return;
        if (!(_engine.LastLoss(model) <= run.Plan.LossLimit))
        {
            run.Diverge(step, _engine.LastLoss(model));
            return;
        }

        if (!run.StepsByBatch) return;
        try
        {
            run.EndStep();
        }
        catch (Exception e) when (TrialFailure.IsOne(e, _cancellation))
        {
            Fail(run, e);
            return;
        }

        Take(model);
    }

    private void EndEpoch(long started, int steps)
    {
        var losses = new double[_engine.ModelCount];
        _engine.TakeTrainingLosses(losses);
        var metrics = new ImmutableSortedDictionary<Metric, double>[_models.Length];
        LinearWeights[] weights = [.. Enumerable.Range(0, _models.Length).Select(_engine.GetWeights)];
        Parallel.For(0, _models.Length, model =>
        {
            if (_runs[_models[model]].Ended is not null || !weights[model].IsFinite) return;
            weights[model] = _runs[_models[model]].Kept(weights[model]);
            var scores = _validationScores.Value!;
            metrics[model] = _validation is null
                ? ImmutableSortedDictionary<Metric, double>.Empty
                : _scores.Measure(_validation, weights[model], ref scores);
            _validationScores.Value = scores;
        });
        // All models train together, so the epoch of each one has the duration of all.
        var duration = Stopwatch.GetElapsedTime(started);
        for (var model = 0; model < _models.Length; model++)
        {
            var run = _runs[_models[model]];
            if (run.Ended is not null) continue;
            if (metrics[model] is not { } measured)
            {
                run.Diverge(steps, _engine.LastLoss(model));
                continue;
            }

            try
            {
                run.EndEpoch(Epoch, weights[model], losses[model], measured, duration);
            }
            catch (Exception e) when (TrialFailure.IsOne(e, _cancellation))
            {
                Fail(run, e);
            }
        }
    }

    // The message of a ScheduleException already names the epoch.
    private void Fail(ModelRun run, Exception e) => run.Fail(e is ScheduleException ? OneLine.Of(e.Message) : TrialFailure.Reason(
        string.Create(CultureInfo.InvariantCulture, $"It failed in epoch {Epoch + 1}"), e));

    private void Take()
    {
        if (_rates.Length == 0)
        {
            _rates = new double[_models.Length * ILinearEngine.GroupCount];
            _momenta = new double[_cyclesMomenta ? _rates.Length : 0];
        }

        for (var model = 0; model < _models.Length; model++) Take(model);
    }

    private void Take(int model)
    {
        var run = _runs[_models[model]];
        var groups = new Range(model * ILinearEngine.GroupCount, (model + 1) * ILinearEngine.GroupCount);
        run.Rates.CopyTo(_rates.AsSpan(groups));
        if (_momenta.Length == 0) return;
        if (run.Momenta.IsEmpty) _momenta.AsSpan(groups).Fill(run.Plan.Momentum);
        else run.Momenta.CopyTo(_momenta.AsSpan(groups));
    }
}
