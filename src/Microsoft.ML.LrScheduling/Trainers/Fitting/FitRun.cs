using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains one model. Continues from the newest valid checkpoint, and starts again with a tenth of the rate if training diverges with a
/// rate that was computed from the rows.
/// </summary>
/// <param name="trainer">The name of the trainer.</param>
/// <param name="options">The options of the trainer.</param>
/// <param name="seed">The seed of the order of rows.</param>
/// <param name="rows">The rows.</param>
/// <param name="automaticRate">The initial rate: the rate of the options, or else a rate computed from the rows.</param>
/// <param name="initial">The initial weights; null for none.</param>
/// <param name="cancellation">Ends training.</param>
/// <param name="channel">Receives the log.</param>
internal sealed class FitRun(
    string trainer, LinearTrainerOptions options, int seed, TrainerRows rows, double automaticRate, LinearWeights? initial,
    Cancellation cancellation, IChannel channel)
{
    private readonly FitSetup _setup = new(options, seed);
    private int _restarts;

    /// <summary>Trains the model.</summary>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    public (LinearWeights Weights, TrainingHistory History) Train()
    {
        using var windows = new WindowLoader(rows.Training, _setup.OrderOf(rows.Training));
        using var folder = OpenFolder();
        var newest = folder?.FindNewest();
        if (folder is not null && newest is null && options.Seed is null)
            channel.Warning(
                MessageSensitivity.None, "{0}",
                $"Checkpoints are of one seed, and Options.Seed is null: {seed} was drawn from the MLContext. Set Options.Seed, so that a "
                + "later Fit can go on from them.");
        var (weights, history) = EndOfProgress.Watch(options.Progress, () => GoOn(newest), trained => trained.History.StopReason);
        if (_restarts > 1 && history.Epochs is [{ LearningRates: [var firstRate, ..] }, ..])
            channel.Warning(MessageSensitivity.None, "{0}", string.Create(
                CultureInfo.InvariantCulture,
                $"Training began again {_restarts} times. The learning rate of its first epoch is now {firstRate:G3}."));
        WarnOfEarlyEnd(history);
        return (weights, history);

        (LinearWeights Weights, TrainingHistory History) GoOn(TrainingState? from)
        {
            var begun = from is { Rates: [{ InitialLearningRates: [var initialRate, ..] }, ..] } && BeginsWith(initialRate)
                ? initialRate : automaticRate;
            try
            {
                return Train(begun, divergedAt: double.PositiveInfinity, from);
            }
            catch (UnusableCheckpointException e)
            {
                folder!.Reject(from!, e.Message);
                return GoOn(folder.FindNewest());
            }
        }

        (LinearWeights Weights, TrainingHistory History) Train(double rate, double divergedAt, TrainingState? from)
        {
            var plan = _setup.PlanFor(rows, rate, cancellation, initial) with
            {
                Checkpoints = folder,
                From = from,
                Progress = new TrainingObserver(channel, trainer, WatchedMetrics.LoggedFor(options), options.Progress),
            };
            if (options.OwnRates is { } own)
                channel.Info(MessageSensitivity.None, "{0}", Quantity.Of(plan.NumberOfEpochs, "epoch")
                    + $", with the learning rates of {own}. LearningRate has no effect on them.");
            else if (options.LearningRate is null)
                channel.Info(MessageSensitivity.None, "{0}", Quantity.Of(plan.NumberOfEpochs, "epoch")
                    + FormattableString.Invariant($", with a learning rate of {rate:G3} that follows from the rows."));
            try
            {
                using var engine = _setup.CreateEngine(rows, [rows.SettingsFor(options)], windows.WindowRows, initial);
                return new TrainingLoop(plan, engine, windows, rows.Training.RowCount, rows.Validation, rows.Task.Scores).Run();
            }
            // The loss before the first step does not depend on the rate.
            catch (TrainingDivergedException e) when (
                options.BeginsAgain(rate, automaticRate, e.LearningRate, divergedAt) && e is not { Epoch: 1, Step: 1 })
            {
                var told = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Training diverged with a learning rate of {rate:G3}, which follows from the rows. It begins again with a tenth of "
                    + $"it. ({e.Message})");
                // One warning for the first time and one for the outcome, however often it begins again.
                if (++_restarts == 1) channel.Warning(MessageSensitivity.None, "{0}", told);
                else channel.Info(MessageSensitivity.None, "{0}", told);
                folder?.Clear();
                return Train(rate / 10, e.LearningRate, from: null);
            }
        }
    }

    // A checkpoint can come from a training that started again with a tenth of the rate, possibly several times.
    private bool BeginsWith(double found)
    {
        const double LastDigits = 1e-9;
        var rate = automaticRate;
        while (options.LearningRate is null && rate > found * (1 + LastDigits) && found > 0) rate /= 10;
        return Math.Abs(rate - found) <= LastDigits * rate;
    }

    private CheckpointFolder? OpenFolder()
    {
        if (options.Checkpoints is not { } checkpoints) return null;
        var stepsPerEpoch = _setup.StepsPerEpoch(rows.Training);
        var identity = CheckpointIdentity.Of(
            trainer, options, seed, options.EpochsFor(stepsPerEpoch), initial, rows.Training, rows.Validation);
        var folder = new CheckpointFolder(
            checkpoints, identity, new CheckpointMatch(options, identity, stepsPerEpoch).Refuse,
            told => channel.Info(MessageSensitivity.None, "{0}", told),
            warning => channel.Warning(MessageSensitivity.None, "{0}", warning));
        folder.Prepare();
        return folder;
    }

    private void WarnOfEarlyEnd(TrainingHistory history)
    {
        const double Enough = 0.01;
        if (history.StopReason != StopReason.Completed
            || history.Epochs is not [.., { TrainingLoss: var before }, { TrainingLoss: var last }])
        {
            return;
        }
        if ((before - last) / Math.Abs(before) is var fall && fall > Enough)
            channel.Warning(MessageSensitivity.None, "{0}", string.Create(
            CultureInfo.InvariantCulture,
            $"The training loss was still falling by {100 * fall:F1} % in the last epoch: a larger NumberOfEpochs than "
                + $"{history.Epochs.Count} may give a better model."));
    }
}
