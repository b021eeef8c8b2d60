using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Owns the time of training: epochs, minibatches, the schedule's steps, validation, progress, cancellation.</summary>
internal sealed class TrainingLoop(TrainingPlan plan, ILinearEngine engine, RowOrder order, TrainingSet? validation, Loss loss)
{
    private readonly LrScheduler? _scheduler = plan.Schedule?.Start(plan.LearningRates);
    private readonly bool _stepsByBatch = plan.Schedule is { StepsByBatch: true };
    private readonly double[] _rates = [.. plan.LearningRates];
    private readonly double[] _momenta = plan.Schedule is { CyclesMomentum: true } ? new double[plan.LearningRates.Length] : [];
    private readonly int[] _window = new int[order.WindowRows];
    private readonly float[] _scores = new float[validation?.RowCount ?? 0];
    private readonly ImmutableArray<EpochRecord>.Builder _epochs = ImmutableArray.CreateBuilder<EpochRecord>();
    private readonly ImmutableArray<double>.Builder _batchRates = ImmutableArray.CreateBuilder<double>();

    /// <summary>Trains all epochs.</summary>
    /// <returns>The weights after the last epoch, and what happened.</returns>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite.</exception>
    public (LinearWeights Weights, TrainingHistory History) Run()
    {
        for (var epoch = 0; epoch < plan.NumberOfEpochs; epoch++)
        {
            var started = Stopwatch.GetTimestamp();
            ReadScheduler();
            TrainEpoch(epoch);
            var record = Measure(epoch, started);
            _epochs.Add(record);
            if (!double.IsFinite(record.TrainingLoss)) throw Diverged();
            plan.Progress?.Report(new TrainingProgress(record, plan.NumberOfEpochs));
            _scheduler?.Advance(ScheduleInterval.Epoch, metric => record[metric]);
        }

        var weights = engine.GetWeights(0);
        return weights.IsFinite ? (weights, new TrainingHistory(_epochs.ToImmutable(), StopReason.Completed)) : throw Diverged();
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
                if (_stepsByBatch) ReadScheduler();
                engine.Step(start, Math.Min(plan.BatchSize, rows.Length - start), _rates, _momenta);
                if (!_stepsByBatch) continue;
                _batchRates.AddRange(_rates);
                _scheduler!.Advance(ScheduleInterval.Batch);
            }
        }
    }

    private void ReadScheduler()
    {
        if (_scheduler is null) return;
        for (var group = 0; group < _rates.Length; group++) _rates[group] = _scheduler.LearningRates[group];
        for (var group = 0; group < _momenta.Length; group++) _momenta[group] = _scheduler.Momenta[group];
    }

    private EpochRecord Measure(int epoch, long started)
    {
        var trainingLoss = 0.0;
        engine.TakeTrainingLosses(new Span<double>(ref trainingLoss));
        var metrics = ImmutableSortedDictionary<Metric, double>.Empty;
        if (validation is not null)
        {
            engine.Score(validation, model: 0, _scores);
            metrics = RegressionScores.Measure(validation, _scores, loss);
        }

        return new EpochRecord
        {
            Epoch = epoch + 1,
            LearningRates = [.. _rates],
            BatchLearningRates = _batchRates.DrainToImmutable(),
            TrainingLoss = trainingLoss,
            ValidationMetrics = metrics,
            Duration = Stopwatch.GetElapsedTime(started),
        };
    }

    private TrainingDivergedException Diverged() => new(new TrainingHistory(_epochs.ToImmutable(), StopReason.Diverged));
}
