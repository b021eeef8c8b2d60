using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The training loop of one model: epochs, minibatches, schedule steps, validation, early stopping, progress, checkpoints, cancellation and
/// divergence.
/// </summary>
/// <param name="plan">The plan of the training.</param>
/// <param name="engine">The engine, with one model.</param>
/// <param name="windows">The rows in the order of training.</param>
/// <param name="rowCount">The number of training rows.</param>
/// <param name="validation">The validation rows; null for none.</param>
/// <param name="scores">The metrics of the task.</param>
internal sealed class TrainingLoop(
    TrainingPlan plan, ILinearEngine engine, WindowLoader windows, int rowCount, TrainingSet? validation, ValidationScores scores)
{
    private readonly ModelRun _run = new(plan, rowCount);
    private float[] _scores = [];

    // The current position: the epoch and its next minibatch, both from 0.
    private int _epoch;
    private int _step;

    /// <summary>Trains all epochs, or until early stopping or cancellation ends training.</summary>
    /// <returns>The weights of the last epoch, or of the best epoch if it is to be restored; and the history.</returns>
    /// <exception cref="OperationCanceledException">
    /// Training was cancelled, and the plan does not ask for the best model so far.
    /// </exception>
    /// <exception cref="InvalidOperationException">The checkpoints would be too large.</exception>
    /// <exception cref="UnusableCheckpointException">The state to resume from has invalid content.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite, or the loss became too large.</exception>
    public (LinearWeights Weights, TrainingHistory History) Run()
    {
        if (plan.Checkpoints is not null) RefuseWhatCannotBeSaved();
        Restore();
        var hadEnded = _run.Ended is not null;
        for (; _run.Ended is null; (_epoch, _step) = (_epoch + 1, 0))
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                if (!TrainEpoch()) return Cancelled();
                EndEpoch(started);
            }
            // A function of the user cancelled training by an exception. Its schedule may have failed and cannot be saved, so no checkpoint
            // is written.
            catch (OperationCanceledException) when (plan.Cancellation is { IsRequested: true, BestBy: not null })
            {
                return BestSoFar();
            }

            if (_run.Ended is null && plan.Checkpoints is { } folder && folder.IsDueAfterEpoch(_epoch + 1))
                folder.Save(State(_epoch + 1, step: 0, ended: null));
        }

        if (!hadEnded) plan.Checkpoints?.Save(State(_epoch, step: 0, _run.Ended));
        return (_run.Weights, _run.History(_run.Ended.Value));
    }

    private void RefuseWhatCannotBeSaved()
    {
        var weights = engine.GetWeights(0);
        CheckpointFile.RefuseLongerThanFile(
            ByteCount.Of(writer => engine.Save(0, writer)) + _run.KeptWeights * ByteCount.Of(weights.Save), weights.Weights.Length);
    }

    /// <summary>Resumes from the state of the plan, if it has one.</summary>
    private void Restore()
    {
        if (plan.From is not { } state) return;
        (_epoch, _step) = (state.Epoch, state.Step);
        try
        {
            _run.Restore(state, engine.GetWeights(0));
            using var reader = TrainingState.Reader(state.Engine);
            engine.Load(0, reader);
            if (reader.BaseStream.Position < reader.BaseStream.Length)
                throw new InvalidDataException("it has data after the state of the engine.");
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException or ArgumentException)
        {
            throw new UnusableCheckpointException(e.Message, e);
        }

        plan.Checkpoints?.TellOf(state, _run.Ended);
    }

    /// <summary>Returns the complete state of training.</summary>
    private TrainingState State(int epoch, int step, StopReason? ended) =>
        _run.Save(plan.Checkpoints!.Identity, epoch, step, ended, TrainingState.Bytes(writer => engine.Save(0, writer)));

    /// <summary>Trains the rest of an epoch. Returns false if training was cancelled.</summary>
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
                engine.Step(start, Math.Min(plan.BatchSize, rows.Count - start), _run.Rates, _run.Momenta);
                _step++;
                if (!(engine.LastLoss(0) <= plan.LossLimit)) throw _run.Diverged(_step, engine.LastLoss(0));
                _run.EndStep();
                if (plan.Checkpoints is { IsDue: true } folder) folder.Save(State(_epoch, _step, ended: null));
            }
        }

        return true;
    }

    private void EndEpoch(long started)
    {
        var weights = engine.GetWeights(0);
        if (!weights.IsFinite) throw _run.Diverged(_step, engine.LastLoss(0));
        weights = _run.Kept(weights);
        var trainingLoss = 0.0;
        engine.TakeTrainingLosses(new Span<double>(ref trainingLoss));
        var metrics =
            validation is null ? ImmutableSortedDictionary<Metric, double>.Empty : scores.Measure(validation, weights, ref _scores);
        _run.EndEpoch(_epoch, weights, trainingLoss, metrics, Stopwatch.GetElapsedTime(started));
    }

    private (LinearWeights Weights, TrainingHistory History) Cancelled()
    {
        plan.Checkpoints?.Save(State(_epoch, _step, ended: null));
        return plan.Cancellation.BestBy is null
            ? throw plan.Cancellation.Exception()
            : BestSoFar();
    }

    private (LinearWeights Weights, TrainingHistory History) BestSoFar() =>
        (_run.BestSoFar ?? engine.GetWeights(0), _run.History(StopReason.Cancelled));
}
