using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Owns the time of training: epochs, minibatches, the schedule's steps, validation, early stopping, progress, cancellation, divergence.</summary>
/// <param name="plan">What to do.</param>
/// <param name="engine">The arithmetic, of one model.</param>
/// <param name="windows">The rows, in their order.</param>
/// <param name="rowCount">The training rows.</param>
/// <param name="validation">The rows to measure on; null for none.</param>
/// <param name="scores">The metrics of the task.</param>
internal sealed class TrainingLoop(
    TrainingPlan plan, ILinearEngine engine, WindowLoader windows, int rowCount, TrainingSet? validation, ValidationScores scores)
{
    private readonly ScheduledRates _rates = new(plan.Schedules, plan.LearningRates, plan.Momentum);
    private readonly BestEpoch? _best = BestEpoch.For(plan);
    private readonly ImmutableArray<EpochRecord>.Builder _epochs = ImmutableArray.CreateBuilder<EpochRecord>();
    private readonly ImmutableArray<double>.Builder _batchRates = ImmutableArray.CreateBuilder<double>();
    private float[] _scores = [];
    private LinearWeights? _lastGood;

    // Where training stands: the epoch and its next minibatch, both from 0.
    private int _epoch;
    private int _step;

    /// <summary>Trains all epochs, or until training has stopped improving or is cancelled.</summary>
    /// <returns>The weights after the last epoch, or the best ones if those are to be restored; and what happened.</returns>
    /// <exception cref="OperationCanceledException">Training was cancelled, and the best model so far is not asked for.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite, or the loss exploded.</exception>
    public (LinearWeights Weights, TrainingHistory History) Run()
    {
        var ended = Restore();
        var hadEnded = ended is not null;
        for (; ended is null && _epoch < plan.NumberOfEpochs; (_epoch, _step) = (_epoch + 1, 0))
        {
            var started = Stopwatch.GetTimestamp();
            if (!TrainEpoch()) return Cancelled();
            ended = EndEpoch(started);
            if (ended is not null || _epoch + 1 == plan.NumberOfEpochs || plan.Checkpoints is not { } folder || !folder.IsDueAfterEpoch(_epoch + 1)) continue;
            folder.Save(State(_epoch + 1, step: 0, ended: null));
        }

        ended ??= StopReason.Completed;
        if (!hadEnded) plan.Checkpoints?.Save(State(_epoch, step: 0, ended));
        return (_best is { IsRestored: true, Weights: { } best } ? best : _lastGood!, History(ended.Value));
    }

    /// <summary>Goes on from the newest checkpoint, if there is one; returns why training has ended, if it has.</summary>
    private StopReason? Restore()
    {
        if (plan.Checkpoints?.FindNewest() is not { } state) return null;
        (_epoch, _step) = (state.Epoch, state.Step);
        _rates.Restore(state.Rates);
        _epochs.AddRange(state.Epochs);
        _batchRates.AddRange(state.BatchRates.AsSpan());
        var like = engine.GetWeights(0);
        if (!state.LastGood.IsEmpty) _lastGood = LinearWeights.Load(Reader(state.LastGood), like);
        if (!state.Best.IsEmpty) _best?.Load(Reader(state.Best), like);
        engine.Load(Reader(state.Engine));
        return state.Ended;

        static BinaryReader Reader(ImmutableArray<byte> bytes) => new(new MemoryStream([.. bytes]));
    }

    /// <summary>All that training needs to go on from here.</summary>
    private TrainingState State(int epoch, int step, StopReason? ended)
    {
        return new TrainingState(
            plan.Checkpoints!.Identity, epoch, step, ended, _rates.Save(), _epochs.ToImmutable(), _batchRates.ToImmutable(),
            Bytes(writer => _best?.Save(writer)), Bytes(writer => _lastGood?.Save(writer)), Bytes(engine.Save));

        static ImmutableArray<byte> Bytes(Action<BinaryWriter> write)
        {
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            write(writer);
            return [.. stream.ToArray()];
        }
    }

    /// <summary>Trains what is left of an epoch; returns false where it was cancelled.</summary>
    private bool TrainEpoch()
    {
        var stepsPerWindow = (windows.WindowRows - 1) / plan.BatchSize + 1;
        for (var window = _step / stepsPerWindow; window < windows.WindowCount; window++)
        {
            var rows = windows.Load(_epoch, window);
            engine.LoadWindow(rows);
            for (var start = (_step - window * stepsPerWindow) * plan.BatchSize; start < rows.Count; start += plan.BatchSize)
            {
                if (plan.Cancellation.IsRequested) return false;
                engine.Step(start, Math.Min(plan.BatchSize, rows.Count - start), _rates.Rates, _rates.Momenta);
                _step++;
                if (!(engine.LastLoss(0) <= plan.LossLimit)) throw Diverged(engine.LastLoss(0));
                if (_rates.StepsByBatch)
                {
                    _batchRates.AddRange(_rates.Rates);
                    _rates.Advance(ScheduleInterval.Batch);
                }

                if (plan.Checkpoints is { IsDue: true } folder) folder.Save(State(_epoch, _step, ended: null));
            }
        }

        return true;
    }

    /// <summary>Measures, reports, and tells the schedules; returns why training is to end, if it is.</summary>
    private StopReason? EndEpoch(long started)
    {
        var (record, weights) = Measure(started);
        _epochs.Add(record);
        plan.Progress?.Report(new TrainingProgress(record, plan.NumberOfEpochs, rowCount));
        _best?.See(record, weights);
        if (_best is { IsOver: true }) return StopReason.EarlyStopped;
        _rates.Advance(ScheduleInterval.Epoch, metric => record[metric]);
        return null;
    }

    private (EpochRecord Record, LinearWeights Weights) Measure(long started)
    {
        var weights = engine.GetWeights(0);
        if (!weights.IsFinite) throw Diverged(engine.LastLoss(0));
        _lastGood = weights;
        var trainingLoss = 0.0;
        engine.TakeTrainingLosses(new Span<double>(ref trainingLoss));
        var batchRates = _batchRates.DrainToImmutable();
        var metrics = ImmutableSortedDictionary<Metric, double>.Empty;
        if (validation is not null)
        {
            if (_scores.Length == 0) _scores = new float[checked(validation.RowCount * weights.OutputCount)];
            weights.Score(validation, _scores);
            metrics = scores.Measure(validation, _scores);
        }

        return (new EpochRecord
        {
            Epoch = _epoch + 1,
            LearningRates = [.. batchRates.IsEmpty ? _rates.Rates : batchRates.AsSpan()[^plan.LearningRates.Length..]],
            BatchLearningRates = batchRates,
            TrainingLoss = trainingLoss,
            ValidationMetrics = metrics,
            Duration = Stopwatch.GetElapsedTime(started),
        }, weights);
    }

    private (LinearWeights Weights, TrainingHistory History) Cancelled()
    {
        plan.Checkpoints?.Save(State(_epoch, _step, ended: null));
        return plan.Cancellation.BestBy is null
            ? throw plan.Cancellation.Exception()
            : (_best?.Weights ?? _lastGood ?? engine.GetWeights(0), History(StopReason.Cancelled));
    }

    private TrainingHistory History(StopReason stopReason) => new()
    {
        Epochs = _epochs.ToImmutable(),
        StopReason = stopReason,
        BestEpoch = _best?.Epoch,
    };

    private TrainingDivergedException Diverged(double loss) =>
        new(_epoch + 1, _step, (rowCount - 1) / plan.BatchSize + 1, _rates.Rates[ILinearEngine.WeightGroup], loss, _lastGood, History(StopReason.Diverged));
}
