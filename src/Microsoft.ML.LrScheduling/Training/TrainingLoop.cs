using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Owns the time of training: epochs, minibatches, the schedule's steps, validation, early stopping, progress, cancellation.</summary>
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
    private readonly BestEpoch? _best = plan.EarlyStopping is { } rule ? new BestEpoch(rule, rule.Metric!.Value) : null;
    private readonly int[] _window = new int[order.WindowRows];
    private readonly ImmutableArray<EpochRecord>.Builder _epochs = ImmutableArray.CreateBuilder<EpochRecord>();
    private readonly ImmutableArray<double>.Builder _batchRates = ImmutableArray.CreateBuilder<double>();
    private float[] _scores = [];

    /// <summary>Trains all epochs, or until training has stopped improving.</summary>
    /// <returns>The weights after the last epoch, or the best one if those are to be restored; and what happened.</returns>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite.</exception>
    public (LinearWeights Weights, TrainingHistory History) Run()
    {
        var stopReason = StopReason.Completed;
        for (var epoch = 0; epoch < plan.NumberOfEpochs; epoch++)
        {
            var started = Stopwatch.GetTimestamp();
            TrainEpoch(epoch);
            var record = Measure(epoch, started);
            _epochs.Add(record);
            if (!double.IsFinite(record.TrainingLoss)) throw Diverged();
            plan.Progress?.Report(new TrainingProgress(record, plan.NumberOfEpochs, rowCount));
            _best?.See(record, () => engine.GetWeights(0));
            if (_best is { IsOver: true })
            {
                stopReason = StopReason.EarlyStopped;
                break;
            }

            _rates.Advance(ScheduleInterval.Epoch, metric => record[metric]);
        }

        var weights = _best?.Weights ?? engine.GetWeights(0);
        return weights.IsFinite ? (weights, History(stopReason)) : throw Diverged();
    }

    private void TrainEpoch(int epoch)
    {
        for (var window = 0; window < order.WindowCount; window++)
        {
            var rows = order.Fill(epoch, window, _window);
            engine.LoadWindow(rows);
            for (var start = 0; start < rows.Length; start += plan.BatchSize)
            {
                plan.CancellationToken.ThrowIfCancellationRequested();
                engine.Step(start, Math.Min(plan.BatchSize, rows.Length - start), _rates.Rates, _rates.Momenta);
                if (!_rates.StepsByBatch) continue;
                _batchRates.AddRange(_rates.Rates);
                _rates.Advance(ScheduleInterval.Batch);
            }
        }
    }

    private EpochRecord Measure(int epoch, long started)
    {
        var trainingLoss = 0.0;
        engine.TakeTrainingLosses(new Span<double>(ref trainingLoss));
        var batchRates = _batchRates.DrainToImmutable();
        var metrics = ImmutableSortedDictionary<Metric, double>.Empty;
        if (validation is not null)
        {
            var weights = engine.GetWeights(0);
            if (_scores.Length == 0) _scores = new float[checked(validation.RowCount * weights.OutputCount)];
            weights.Score(validation, _scores);
            metrics = scores.Measure(validation, _scores);
        }

        return new EpochRecord
        {
            Epoch = epoch + 1,
            LearningRates = [.. batchRates.IsEmpty ? _rates.Rates : batchRates.AsSpan()[^plan.LearningRates.Length..]],
            BatchLearningRates = batchRates,
            TrainingLoss = trainingLoss,
            ValidationMetrics = metrics,
            Duration = Stopwatch.GetElapsedTime(started),
        };
    }

    private TrainingHistory History(StopReason stopReason) => new()
    {
        Epochs = _epochs.ToImmutable(),
        StopReason = stopReason,
        BestEpoch = _best?.Epoch,
    };

    private TrainingDivergedException Diverged() => new(History(StopReason.Diverged));
}
