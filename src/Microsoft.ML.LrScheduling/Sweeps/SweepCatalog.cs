using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Extension methods that run sweeps over schedules and other options.</summary>
/// <example>
/// <code>
/// var study = mlContext.Regression.Trainers.Sweep(space, trainData);
/// var predictions = study.BestModel.Transform(trainData);
/// study.SaveReport("report.html");
/// </code>
/// </example>
public static class SweepCatalog
{
    /// <summary>
    /// Trains many linear regressions at once, with options from a search space. The models share each pass over the rows.
    /// </summary>
    /// <param name="catalog">The regression trainers.</param>
    /// <param name="space">The search space of options. All trials must have the same columns, validation rows and seed.</param>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="options">The options of the sweep; null for the defaults.</param>
    /// <param name="validationData">
    /// The validation rows, on which trials are compared; null for the rows that ValidationFraction in the options of the trials holds
    /// out.
    /// </param>
    /// <param name="features">
    /// The pipeline that creates the features. It is fitted once, and once per fold of a cross-validation. Null if the rows already have
    /// the features.
    /// </param>
    /// <returns>The trials and the best model.</returns>
    /// <remarks>
    /// A trial that cannot be trained does not end the sweep: <see cref="StudyTrial{TOptions}.Failure"/> gives the reason.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// All trials failed, and the message contains the reason for the first trial; the trials do not read the same rows; the metric is not
    /// measured; a fold of the cross-validation has no rows; the journal belongs to another sweep, or is in use and
    /// <see cref="SweepOptions.WhenJournalIsInUse"/> is <see cref="JournalInUse.Refuse"/>; or <c>Fit</c> of the trials would reject the
    /// rows.
    /// </exception>
    /// <exception cref="InvalidDataException">The file is not a journal, or is damaged. The message names the line.</exception>
    /// <exception cref="IOException">The journal cannot be opened or written, or it was changed while the sweep was running.</exception>
    /// <exception cref="OperationCanceledException">
    /// The sweep was cancelled and <see cref="SweepOptions.Cancellation"/> is <see cref="CancellationMode.Throw"/>. With a journal you can
    /// continue the sweep later.
    /// </exception>
    public static Study<TorchLinearRegressionTrainer.Options> Sweep(
        this RegressionCatalog.RegressionTrainers catalog, SweepSpace<TorchLinearRegressionTrainer.Options> space, IDataView trainData,
        SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog, catalog.TorchLinearRegression, space, trainData, options, validationData, features);

    /// <summary>
    /// Trains many linear binary classifiers at once, with options from a search space. The models share each pass over the rows.
    /// </summary>
    /// <inheritdoc
    /// cref="Sweep(RegressionCatalog.RegressionTrainers, SweepSpace{TorchLinearRegressionTrainer.Options}, IDataView, SweepOptions,
    /// IDataView, IEstimator{ITransformer})"/>
    public static Study<TorchLogisticRegressionTrainer.Options> Sweep(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, SweepSpace<TorchLogisticRegressionTrainer.Options> space,
        IDataView trainData, SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog, catalog.TorchLogisticRegression, space, trainData, options, validationData, features);

    /// <summary>
    /// Trains many linear multiclass classifiers at once, with options from a search space. The models share each pass over the rows.
    /// </summary>
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
            // Cancelled while it waited for a journal or read the rows. Later, the runner returns the study itself.
            notes.Add("The sweep was cancelled before a trial had begun.");
            return new Study<TOptions>(options.Metric ?? Metric.ValidationLoss, trials: [], bestModel: null, [.. notes.Texts]);
        }

        ISweepWorker WorkerOf(Cancellation cancellation)
        {
            var data = new SweepData(trainData, validationData, features);
            var local = new InProcessWorker(trial => createTrainer((TOptions)trial), data, options, cancellation);
            return options.Workers?.WorkerFor(local, data, options, notes.Add, cancellation) ?? local;
        }

        void Warn(string text) => channel.Warning(MessageSensitivity.None, "{0}", text);
    }
}
