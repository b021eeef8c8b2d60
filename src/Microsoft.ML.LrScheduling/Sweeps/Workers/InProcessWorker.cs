using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trains the trials of a sweep in its own process and on its own thread.</summary>
/// <param name="createTrainer">Creates a trainer from options.</param>
/// <param name="data">The data.</param>
/// <param name="options">The options of the sweep.</param>
/// <param name="cancellation">Cancels training.</param>
internal sealed class InProcessWorker(
    Func<LinearTrainerOptions, ISweptTrainer> createTrainer, SweepData data, SweepOptions options, Cancellation cancellation)
    : ISweepWorker
{
    // The trainers of trials that have not started.
    private readonly Dictionary<int, ISweptTrainer> _trainers = [];
    private InProcessBatch? _begun;
    private SweptRows? _rows;
    private string _rowsHash = "";

    /// <inheritdoc/>
    public int BatchesAtOnce => 1;

    /// <summary>The transformer that creates the features, after the rows have been read; null if there is none.</summary>
    public ITransformer? Features { get; private set; }

    /// <summary>Whether the rows are sparse, after they have been read.</summary>
    public bool IsSparse => _rows!.Read.Training.IsSparse;

    /// <inheritdoc/>
    public SweepRows Read(IReadOnlyList<TrialWork> trials, bool isHashed)
    {
        (Features, var made) = data.Fit();
        var (trainer, read) = SweptRows.ReadFor(
            trials.Select(TrainerOf), trainer => trainer.Read(made.Training, made.Validation, cancellation));
        _rows = new SweptRows(read, test: null, cancellation);
        if (options.NumberOfFolds is not null) FoldCheck.Check(data, options, cancellation);
        _rowsHash = isHashed ? RowsHash.Of(read.Training, read.Validation) : "";
        return new SweepRows(
            trainer.GetType().Name, trainer.Options, read.Training.RowCount, read.Validation?.RowCount ?? 0, read.Task.OutputCount,
            read.Training.FeatureCount, RowsHash.Describe(read.Training, read.Validation), _rowsHash,
            [.. read.Validation is { } validation ? read.Task.Scores.Undefined(validation) : []]);
    }

    /// <inheritdoc/>
    public ITrialBatch Begin(TrialLeg leg, IReadOnlyDictionary<int, TrainingState> states, IBatchObserver told)
    {
        var batch = new InProcessBatch(_rows!, leg, IdentityOf, told);
        try
        {
            batch.Begin(states, trial =>
            {
                var trainer = TrainerOf(trial);
                _trainers.Remove(trial.Number);
                return trainer;
            });
            return _begun = batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ITrialBatch TrainUntilOneEnds()
    {
        _begun!.Train();
        return _begun;
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<FoldResult>> CrossValidate(
        IReadOnlyList<TrialWork> trials, Metric metric, Func<int, int, bool> isKnown) =>
        new CrossValidation(createTrainer, data, options, metric, cancellation).Run(trials, isKnown);

    /// <inheritdoc/>
    public void End()
    {
        // Nothing to delete: in a single process, the sweep stores the states itself.
    }

    /// <inheritdoc/>
    public ITransformer ModelOf(TrialWork trial, LinearWeights weights, TrainingHistory history)
    {
        var trainer = createTrainer(trial.Options);
        var model = trainer.ModelOf(weights, history, trainer.RowsFor(_rows!.Read));
        return Features is null ? model : new TransformerChain<ITransformer>(Features, model);
    }

    /// <inheritdoc/>
    public void Dispose() => _rows?.Read.Dispose();

    private ISweptTrainer TrainerOf(TrialWork trial)
    {
        if (!_trainers.TryGetValue(trial.Number, out var trainer)) _trainers[trial.Number] = trainer = createTrainer(trial.Options);
        return trainer;
    }

    private TrainingIdentity IdentityOf(TrialWork trial) => new(
        ImmutableSortedDictionary<string, string>.Empty.Add("options", trial.Options.ToJsonWithoutDelegates())
            .Add("schedule", $"{trial.Options.LearningRateSchedule}").Add("biasSchedule", $"{trial.Options.BiasLearningRateSchedule}"),
        RowsHash.Describe(_rows!.Read.Training, _rows.Read.Validation), _rowsHash);
}
