using System.Runtime.ExceptionServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The rows of a sweep, which are read once, as each trial needs them: trials can have different losses.</summary>
/// <param name="read">The rows.</param>
/// <param name="test">The rows on which trials are measured at the end; null for none.</param>
/// <param name="cancellation">Cancels training.</param>
internal sealed class SweptRows(TrainerRows read, TrainingSet? test, Cancellation cancellation)
{
    private readonly Dictionary<Loss, TrainerRows> _byLoss = [];

    /// <summary>Cancels training.</summary>
    public Cancellation Cancellation => cancellation;

    /// <summary>The rows as the first trainer has read them.</summary>
    public TrainerRows Read => read;

    /// <summary>
    /// Reads the rows with the first trainer that accepts them. Whether the other trainers accept them is found out later, for each of
    /// them.
    /// </summary>
    /// <exception cref="InvalidOperationException">No trainer accepts the rows.</exception>
    public static (ISweptTrainer Trainer, T Read) ReadFor<T>(IEnumerable<ISweptTrainer> trainers, Func<ISweptTrainer, T> read)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var trainer in trainers.DistinctBy(trainer => SettingsOfReading(trainer.Options)))
            try
            {
                return (trainer, read(trainer));
            }
            catch (InvalidOperationException e)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }

        first!.Throw();
        throw first.SourceException;
    }

    /// <summary>Returns the rows as a trainer needs them.</summary>
    /// <exception cref="InvalidOperationException">The loss of the trainer does not allow a label.</exception>
    public TrainerRows For(ISweptTrainer trainer)
    {
        var loss = trainer.Options.TrainingLoss;
        if (_byLoss.TryGetValue(loss, out var known)) return known;
        var rows = trainer.RowsFor(read);
        foreach (var set in new[] { rows.Training, rows.Validation, test }.OfType<TrainingSet>())
            for (var row = 0; row < set.RowCount; row++)
                rows.Task.CheckLabel(set.Label(row));
        return _byLoss[loss] = rows;
    }

    /// <summary>Creates the training run of a trainer, as if it were alone.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="rate">The initial rate, if the options have none; null to compute it from the rows.</param>
    /// <exception cref="InvalidOperationException">The trainer cannot be trained on the rows.</exception>
    public ModelRun RunOf(ISweptTrainer trainer, double? rate = null) =>
        new(trainer.PlanFor(For(trainer), rate, cancellation), read.Training.RowCount);

    /// <summary>Creates the joint training of trainers with the same <see cref="OptionEffects.SharedOn"/>.</summary>
    /// <param name="trainers">The trainers.</param>
    /// <param name="runs">The run of each trainer.</param>
    /// <param name="competes">Whether a single trial must get the same bits as one of several.</param>
    public JointTraining Join(IReadOnlyList<ISweptTrainer> trainers, IReadOnlyList<ModelRun> runs, bool competes)
    {
        var (rows, first) = (For(trainers[0]), trainers[0]);
        var windows = new WindowLoader(rows.Training, first.OrderOf(rows));
        return new JointTraining(
            runs, models => competes && models.Count == 1 ? new AccompaniedEngine(EngineOf([models[0], models[0]])) : EngineOf(models),
            windows, rows.Validation, rows.Task.Scores, cancellation);

        ILinearEngine EngineOf(IReadOnlyList<int> models) =>
            first.CreateEngine(rows, [.. models.Select(i => rows.SettingsFor(trainers[i].Options))], windows.WindowRows);
    }

    /// <summary>
    /// Returns the settings that trials must share so that each gets the same bits, whichever of them train together.
    /// </summary>
    /// <exception cref="InvalidOperationException">The trainer cannot be trained on the rows.</exception>
    public object TermsOf(ISweptTrainer trainer) => (
        For(trainer).SettingsFor(trainer.Options).Terms, trainer.Options.Schedules.Any(schedule => schedule is { CyclesMomentum: true }));

    // The options that can cause the rows to be rejected, except for those that are the same in all trials.
    private static object SettingsOfReading(LinearTrainerOptions options) => (
        options.TrainingLoss, options.ChosenEngine, options.Device, options.LearningRate is null,
        WatchedMetrics.Of(options).Any(watched => watched.Metric.NeedsValidation()));
}
