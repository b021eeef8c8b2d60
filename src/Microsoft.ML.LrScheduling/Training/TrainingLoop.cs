using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Owns the time of training: epochs, minibatches, the schedule's steps, validation, early stopping, progress, cancellation, divergence.</summary>
/// <param name="plan">What to do.</param>
/// <param name="engine">The arithmetic, of one model.</param>
/// <param name="order">The order of the rows.</param>
/// <param name="rowCount">The training rows.</param>
/// <param name="validation">The rows to measure on; null for none.</param>
/// <param name="scores">The metrics of the task.</param>
internal sealed class TrainingLoop(
    TrainingPlan plan, ILinearEngine engine, RowOrder order, int rowCount, TrainingSet? validation, ValidationScores scores)
{
    private readonly ScheduledRates _rates = new(plan.Schedules, plan.LearningRates, plan.Momentum);
    private readonly BestEpoch? _best = BestEpoch.For(plan);
    private readonly int[] _window = new int[order.WindowRows];
    private readonly ImmutableArray<EpochRecord>.Builder _epochs = ImmutableArray.CreateBuilder<EpochRecord>();
    private readonly ImmutableArray<double>.Builder _batchRates = ImmutableArray.CreateBuilder<double>();
    private float[] _scores = [];
    private LinearWeights? _lastGood;

    private int StepsPerEpoch => (rowCount - 1) / plan.BatchSize + 1;

    /// <summary>Trains all epochs, or until training has stopped improving or is cancelled.</summary>
    /// <returns>The weights after the last epoch, or the best ones if those are to be restored; and what happened.</returns>
    /// <exception cref="OperationCanceledException">Training was cancelled, and the best model so far is not asked for.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite, or the loss exploded.</exception>
    public (LinearWeights Weights, TrainingHistory History) Run()
    {
        for (var epoch = 0; epoch < plan.NumberOfEpochs; epoch++)
        {
            var started = Stopwatch.GetTimestamp();
            if (!TrainEpoch(epoch)) return Cancelled();
            var (record, weights) = Measure(epoch, started);
            _epochs.Add(record);
            plan.Progress?.Report(new TrainingProgress(record, plan.NumberOfEpochs, rowCount));
            _best?.See(record, weights);
            if (_best is { IsOver: true }) return (_best.Weights ?? weights, History(StopReason.EarlyStopped));
            _rates.Advance(ScheduleInterval.Epoch, metric => record[metric]);
        }

        return (_best is { IsRestored: true, Weights: { } best } ? best : _lastGood!, History(StopReason.Completed));
    }

    /// <summary>Trains an epoch; returns false where it was cancelled.</summary>
    private bool TrainEpoch(int epoch)
    {
        for (var (window, step) = (0, 1); window < order.WindowCount; window++)
        {
            var rows = order.Fill(epoch, window, _window);
            engine.LoadWindow(rows);
            for (var start = 0; start < rows.Length; start += plan.BatchSize, step++)
            {
                if (plan.Cancellation.IsRequested) return false;
                engine.Step(start, Math.Min(plan.BatchSize, rows.Length - start), _rates.Rates, _rates.Momenta);
                if (!(engine.LastLoss(0) <= plan.LossLimit)) throw Diverged(epoch, step, engine.LastLoss(0));
                if (!_rates.StepsByBatch) continue;
                _batchRates.AddRange(_rates.Rates);
                _rates.Advance(ScheduleInterval.Batch);
            }
        }

        return true;
    }

    private (EpochRecord Record, LinearWeights Weights) Measure(int epoch, long started)
    {
        var weights = engine.GetWeights(0);
        if (!weights.IsFinite) throw Diverged(epoch, StepsPerEpoch, engine.LastLoss(0));
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
            Epoch = epoch + 1,
            LearningRates = [.. batchRates.IsEmpty ? _rates.Rates : batchRates.AsSpan()[^plan.LearningRates.Length..]],
            BatchLearningRates = batchRates,
            TrainingLoss = trainingLoss,
            ValidationMetrics = metrics,
            Duration = Stopwatch.GetElapsedTime(started),
        }, weights);
    }

    private (LinearWeights Weights, TrainingHistory History) Cancelled() => plan.Cancellation.BestBy is null
        ? throw plan.Cancellation.Exception()
        : (_best?.Weights ?? _lastGood ?? engine.GetWeights(0), History(StopReason.Cancelled));

    private TrainingHistory History(StopReason stopReason) => new()
    {
        Epochs = _epochs.ToImmutable(),
        StopReason = stopReason,
        BestEpoch = _best?.Epoch,
    };

    private TrainingDivergedException Diverged(int epoch, int step, double loss) =>
        new(epoch + 1, step, StepsPerEpoch, _rates.Rates[ILinearEngine.WeightGroup], loss, _lastGood, History(StopReason.Diverged));
}
