using System.Runtime.ExceptionServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Rows that were read once, for trials with losses of their own.</summary>
/// <param name="read">The rows.</param>
/// <param name="test">Rows that trials are to be measured on in the end; null for none.</param>
/// <param name="cancellation">What ends training.</param>
internal sealed class SweptRows(TrainerRows read, TrainingSet? test, Cancellation cancellation)
{
    private readonly Dictionary<Loss, TrainerRows> _byLoss = [];

    /// <summary>What ends training.</summary>
    public Cancellation Cancellation => cancellation;

    /// <summary>What the rows were read as.</summary>
    public TrainerRows Read => read;

    /// <summary>
    /// Reads rows with the first of some trainers that can: what it is that the others cannot is found out of each alone.
    /// </summary>
    /// <exception cref="InvalidOperationException">None can.</exception>
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

    /// <summary>The rows as a trainer sees them.</summary>
    /// <exception cref="InvalidOperationException">A label cannot be trained on with its loss.</exception>
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

    /// <summary>What a trainer alone would do, not yet begun.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="rate">The initial rate where its options name none; null for the one that follows from the rows.</param>
    /// <exception cref="InvalidOperationException">It cannot be trained on the rows.</exception>
    public ModelRun RunOf(ISweptTrainer trainer, double? rate = null) =>
        new(trainer.PlanFor(For(trainer), rate, cancellation), read.Training.RowCount);

    /// <summary>The training together of trainers whose <see cref="OptionEffects.SharedOn"/> is the same.</summary>
    /// <param name="trainers">The trainers.</param>
    /// <param name="runs">The run of each.</param>
    /// <param name="competes">Whether one that is alone trains as if it were one of several.</param>
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

    /// <summary>What of a trainer's settings its company is to have too, if it is to come to the same bits in any.</summary>
    /// <exception cref="InvalidOperationException">It cannot be trained on the rows.</exception>
    public object TermsOf(ISweptTrainer trainer) => (
        For(trainer).SettingsFor(trainer.Options).Terms, trainer.Options.Schedules.Any(schedule => schedule is { CyclesMomentum: true }));

    // What of the options, beside those that all trials have alike, rows can be refused for.
    private static object SettingsOfReading(LinearTrainerOptions options) => (
        options.TrainingLoss, options.ChosenEngine, options.Device, options.LearningRate is null,
        WatchedMetrics.Of(options).Any(watched => watched.Metric.NeedsValidation()));
}
