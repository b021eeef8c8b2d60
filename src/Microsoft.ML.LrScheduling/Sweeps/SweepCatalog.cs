using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Sweeps over schedules and other options, beside the trainers.</summary>
/// <example>
/// <code>
/// var study = mlContext.Regression.Trainers.Sweep(space, trainData);
/// var predictions = study.BestModel.Transform(trainData);
/// study.SaveReport("report.html");
/// </code>
/// </example>
public static class SweepCatalog
{
    /// <summary>Trains a linear regression many times in one pass over the rows, with options from a search space.</summary>
    /// <param name="catalog">The regression trainers.</param>
    /// <param name="space">The options to choose from; all trials have the same columns, validation rows and seed.</param>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="options">How the sweep goes; null for the defaults.</param>
    /// <param name="validationData">
    /// The rows that trials are compared on; null for those that the trials' ValidationFraction holds back.
    /// </param>
    /// <param name="features">
    /// What makes the features, fitted once, and once a fold of a cross-validation; null where they are there.
    /// </param>
    /// <returns>The trials, and the best model.</returns>
    /// <remarks>
    /// A trial that cannot be trained, by a fault of its own, ends alone: <see cref="StudyTrial{TOptions}.Failure"/> says why.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// All trials failed; the message has the reason of the first. Trials would read other rows; the metric is not measured; the journal
    /// is of another sweep, or in use and not to be waited for; or the rows are none that <c>Fit</c> of any trial would take.
    /// </exception>
    /// <exception cref="InvalidDataException">The journal is no journal, or is damaged; the message says in which line.</exception>
    /// <exception cref="IOException">The journal cannot be opened or written, or was changed while the sweep ran.</exception>
    /// <exception cref="OperationCanceledException">
    /// The sweep was cancelled, and the study so far is not asked for; with a journal it can go on.
    /// </exception>
    public static Study<TorchLinearRegressionTrainer.Options> Sweep(
        this RegressionCatalog.RegressionTrainers catalog, SweepSpace<TorchLinearRegressionTrainer.Options> space, IDataView trainData,
        SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog, catalog.TorchLinearRegression, space, trainData, options, validationData, features);

    /// <summary>Trains a linear binary classification many times in one pass over the rows, with options from a search space.</summary>
    /// <inheritdoc
    /// cref="Sweep(RegressionCatalog.RegressionTrainers, SweepSpace{TorchLinearRegressionTrainer.Options}, IDataView, SweepOptions,
    /// IDataView, IEstimator{ITransformer})"/>
    public static Study<TorchLogisticRegressionTrainer.Options> Sweep(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, SweepSpace<TorchLogisticRegressionTrainer.Options> space,
        IDataView trainData, SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog, catalog.TorchLogisticRegression, space, trainData, options, validationData, features);

    /// <summary>Trains a linear multiclass classification many times in one pass over the rows, with options from a search space.</summary>
    /// <inheritdoc
    /// cref="Sweep(RegressionCatalog.RegressionTrainers, SweepSpace{TorchLinearRegressionTrainer.Options}, IDataView, SweepOptions,
    /// IDataView, IEstimator{ITransformer})"/>
    public static Study<TorchMaximumEntropyTrainer.Options> Sweep(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        SweepSpace<TorchMaximumEntropyTrainer.Options> space, IDataView trainData,
        SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog, catalog.TorchMaximumEntropy, space, trainData, options, validationData, features);

    private static Study<TOptions> Run<TOptions>(
        TrainCatalogBase.CatalogInstantiatorBase catalog, Func<TOptions, ISweptTrainer> createTrainer, SweepSpace<TOptions> space,
        IDataView trainData, SweepOptions? options, IDataView? validationData, IEstimator<ITransformer>? features)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(trainData);
        options ??= new SweepOptions();
        using var channel = MLNetInternals.EnvironmentOf(catalog).Start("Sweep");
        var notes = new SweepNotes(Warn);
        try
        {
            using var journal = options.Journal is { } path
                ? SweepJournal.Open(path, options.WhenJournalIsInUse, notes.Add, Warn, options.CancellationToken) : null;
            return new SweepRunner<TOptions>(space, options, journal, notes, WorkerOf).Run();
        }
        catch (OperationCanceledException) when (
            options is { Cancellation: CancellationMode.ReturnBest, CancellationToken.IsCancellationRequested: true })
        {
            // While it waits for a journal, or reads the rows: what has begun is in the study that the runner gives.
            notes.Add("The sweep was cancelled before a trial had begun.");
            return new Study<TOptions>(options.Metric ?? Metric.ValidationLoss, trials: [], bestModel: null, [.. notes.Texts]);
        }

        ISweepWorker WorkerOf(Cancellation cancellation)
        {
            var data = new SweepData(trainData, validationData, features);
            var local = new InProcessWorker(trial => createTrainer((TOptions)trial), data, options, cancellation);
            return options.Workers?.WorkerFor(local, data, options, cancellation) ?? local;
        }

        void Warn(string text) => channel.Warning(MessageSensitivity.None, "{0}", text);
    }
}
