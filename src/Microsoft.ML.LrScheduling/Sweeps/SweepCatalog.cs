using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML;

/// <summary>Sweeps over schedules and other options, beside the trainers.</summary>
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
    /// <exception cref="ArgumentException">The options of a trial do not hold; the message says which trial and why.</exception>
    /// <exception cref="InvalidOperationException">
    /// Trials would read other rows; the metric is not measured; the journal is of another sweep, or in use and not to be waited for; or
    /// <c>Fit</c> of a trial would say so.
    /// </exception>
    /// <exception cref="InvalidDataException">The journal is damaged in its middle.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled; with a journal it can go on.</exception>
    public static Study<TorchLinearRegressionTrainer.Options> Sweep(
        this RegressionCatalog.RegressionTrainers catalog, SweepSpace<TorchLinearRegressionTrainer.Options> space, IDataView trainData,
        SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog.TorchLinearRegression, space, trainData, options, validationData, features);

    /// <summary>Trains a linear binary classification many times in one pass over the rows, with options from a search space.</summary>
    /// <inheritdoc
    /// cref="Sweep(RegressionCatalog.RegressionTrainers, SweepSpace{TorchLinearRegressionTrainer.Options}, IDataView, SweepOptions,
    /// IDataView, IEstimator{ITransformer})"/>
    public static Study<TorchLogisticRegressionTrainer.Options> Sweep(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, SweepSpace<TorchLogisticRegressionTrainer.Options> space,
        IDataView trainData, SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog.TorchLogisticRegression, space, trainData, options, validationData, features);

    /// <summary>Trains a linear multiclass classification many times in one pass over the rows, with options from a search space.</summary>
    /// <inheritdoc
    /// cref="Sweep(RegressionCatalog.RegressionTrainers, SweepSpace{TorchLinearRegressionTrainer.Options}, IDataView, SweepOptions,
    /// IDataView, IEstimator{ITransformer})"/>
    public static Study<TorchMaximumEntropyTrainer.Options> Sweep(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        SweepSpace<TorchMaximumEntropyTrainer.Options> space, IDataView trainData,
        SweepOptions? options = null, IDataView? validationData = null, IEstimator<ITransformer>? features = null) =>
        Run(catalog.TorchMaximumEntropy, space, trainData, options, validationData, features);

    private static Study<TOptions> Run<TOptions>(
        Func<TOptions, ISweptTrainer> createTrainer, SweepSpace<TOptions> space, IDataView trainData, SweepOptions? options,
        IDataView? validationData, IEstimator<ITransformer>? features)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(trainData);
        return new SweepRunner<TOptions>(createTrainer, space, options ?? new SweepOptions()).Run(trainData, validationData, features);
    }
}
