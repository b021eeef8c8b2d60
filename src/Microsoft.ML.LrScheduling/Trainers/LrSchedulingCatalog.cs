using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods that create the trainers with a scheduled learning rate.</summary>
public static class LrSchedulingCatalog
{
    /// <summary>
    /// Creates a trainer of a linear regression with a scheduled learning rate. See <see cref="TorchLinearRegressionTrainer"/>.
    /// </summary>
    /// <param name="catalog">The regression trainers.</param>
    /// <param name="labelColumnName">The name of the label column, of type <see cref="float"/>.</param>
    /// <param name="featureColumnName">The name of the feature column, a known-size vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">
    /// The name of the example weight column, of type <see cref="float"/>. Null gives all rows the same weight.
    /// </param>
    /// <param name="learningRateSchedule">
    /// How the learning rate changes during training. With null it decreases linearly to zero over the run.
    /// </param>
    /// <param name="learningRate">The initial learning rate, in (0, ∞). With null the trainer derives it from the training rows.</param>
    /// <param name="l2Regularization">
    /// λ in [0, 3.4e38] of the penalty λ/2 · ‖weights‖². With null the trainer derives it from the training rows: see
    /// <see cref="LinearTrainerOptions.L2Regularization"/>.
    /// </param>
    /// <param name="numberOfEpochs">
    /// The number of passes over the training rows, at least 1. With null the trainer derives it from the number of rows.
    /// </param>
    /// <param name="batchSize">The number of rows in a minibatch, at least 1.</param>
    /// <param name="optimizer">The optimizer. With null the trainer uses stochastic gradient descent (SGD) without momentum.</param>
    /// <param name="validationFraction">
    /// The fraction of the rows that is held out for validation, in [0, 1). Default: 0. A schedule that watches a
    /// validation metric needs a value above 0, or validation data in <c>Fit</c>.
    /// </param>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Carat", "Depth")
    ///     .Append(mlContext.Regression.Trainers.TorchLinearRegression(
    ///         learningRateSchedule: LrSchedule.StepLR(stepSize: 10, gamma: 0.1)));
    /// </code>
    /// </example>
    public static TorchLinearRegressionTrainer TorchLinearRegression(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = Defaults.LabelColumnName,
        string featureColumnName = Defaults.FeatureColumnName,
        string? exampleWeightColumnName = null,
        LrSchedule? learningRateSchedule = null,
        double? learningRate = null,
        double? l2Regularization = null,
        int? numberOfEpochs = null,
        int batchSize = Defaults.BatchSize,
        Optimizer? optimizer = null,
        double validationFraction = 0) => catalog.TorchLinearRegression(Options<TorchLinearRegressionTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, learningRateSchedule, learningRate, l2Regularization,
            numberOfEpochs, batchSize, optimizer, validationFraction));

    /// <summary>
    /// Creates a trainer of a linear regression with a scheduled learning rate. See <see cref="TorchLinearRegressionTrainer"/>.
    /// </summary>
    /// <param name="catalog">The regression trainers.</param>
    /// <param name="options">All options of the trainer. The trainer keeps a copy.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public static TorchLinearRegressionTrainer TorchLinearRegression(
        this RegressionCatalog.RegressionTrainers catalog, TorchLinearRegressionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        var env = MLNetInternals.EnvironmentOf(catalog);
        var checkedOptions = (TorchLinearRegressionTrainer.Options)options.CheckedCopy();
        var schemaPeer = catalog.Sdca(options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
        return new TorchLinearRegressionTrainer(env, checkedOptions, schemaPeer);
    }

    /// <summary>
    /// Creates a trainer of a linear binary classifier with a scheduled learning rate. See <see cref="TorchLogisticRegressionTrainer"/>.
    /// </summary>
    /// <param name="catalog">The binary classification trainers.</param>
    /// <param name="labelColumnName">The name of the label column, of type <see cref="bool"/>.</param>
    /// <param name="featureColumnName">The name of the feature column, a known-size vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">
    /// The name of the example weight column, of type <see cref="float"/>. Null gives all rows the same weight.
    /// </param>
    /// <param name="learningRateSchedule">
    /// How the learning rate changes during training. With null it decreases linearly to zero over the run.
    /// </param>
    /// <param name="learningRate">The initial learning rate, in (0, ∞). With null the trainer derives it from the training rows.</param>
    /// <param name="l2Regularization">
    /// λ in [0, 3.4e38] of the penalty λ/2 · ‖weights‖². With null the trainer derives it from the training rows: see
    /// <see cref="LinearTrainerOptions.L2Regularization"/>.
    /// </param>
    /// <param name="numberOfEpochs">
    /// The number of passes over the training rows, at least 1. With null the trainer derives it from the number of rows.
    /// </param>
    /// <param name="batchSize">The number of rows in a minibatch, at least 1.</param>
    /// <param name="optimizer">The optimizer. With null the trainer uses stochastic gradient descent (SGD) without momentum.</param>
    /// <param name="validationFraction">
    /// The fraction of the rows that is held out for validation, in [0, 1). Default: 0. A schedule that watches a
    /// validation metric needs a value above 0, or validation data in <c>Fit</c>.
    /// </param>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Age", "Income")
    ///     .Append(mlContext.BinaryClassification.Trainers.TorchLogisticRegression(
    ///         learningRateSchedule: LrSchedule.StepLR(stepSize: 10, gamma: 0.1)));
    /// </code>
    /// </example>
    public static TorchLogisticRegressionTrainer TorchLogisticRegression(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = Defaults.LabelColumnName,
        string featureColumnName = Defaults.FeatureColumnName,
        string? exampleWeightColumnName = null,
        LrSchedule? learningRateSchedule = null,
        double? learningRate = null,
        double? l2Regularization = null,
        int? numberOfEpochs = null,
        int batchSize = Defaults.BatchSize,
        Optimizer? optimizer = null,
        double validationFraction = 0) => catalog.TorchLogisticRegression(Options<TorchLogisticRegressionTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, learningRateSchedule, learningRate, l2Regularization,
            numberOfEpochs, batchSize, optimizer, validationFraction));

    /// <summary>
    /// Creates a trainer of a linear binary classifier with a scheduled learning rate. See <see cref="TorchLogisticRegressionTrainer"/>.
    /// </summary>
    /// <param name="catalog">The binary classification trainers.</param>
    /// <param name="options">All options of the trainer. The trainer keeps a copy.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public static TorchLogisticRegressionTrainer TorchLogisticRegression(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TorchLogisticRegressionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        var env = MLNetInternals.EnvironmentOf(catalog);
        var checkedOptions = (TorchLogisticRegressionTrainer.Options)options.CheckedCopy();
        var schemaPeer = catalog.SdcaLogisticRegression(
            options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
        return new TorchLogisticRegressionTrainer(env, checkedOptions, schemaPeer);
    }

    /// <summary>
    /// Creates a trainer of a linear multiclass classifier with a scheduled learning rate. See <see cref="TorchMaximumEntropyTrainer"/>.
    /// </summary>
    /// <param name="catalog">The multiclass classification trainers.</param>
    /// <param name="labelColumnName">The name of the label column, of a key type.</param>
    /// <param name="featureColumnName">The name of the feature column, a known-size vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">
    /// The name of the example weight column, of type <see cref="float"/>. Null gives all rows the same weight.
    /// </param>
    /// <param name="learningRateSchedule">
    /// How the learning rate changes during training. With null it decreases linearly to zero over the run.
    /// </param>
    /// <param name="learningRate">The initial learning rate, in (0, ∞). With null the trainer derives it from the training rows.</param>
    /// <param name="l2Regularization">
    /// λ in [0, 3.4e38] of the penalty λ/2 · ‖weights‖². With null the trainer derives it from the training rows: see
    /// <see cref="LinearTrainerOptions.L2Regularization"/>.
    /// </param>
    /// <param name="numberOfEpochs">
    /// The number of passes over the training rows, at least 1. With null the trainer derives it from the number of rows.
    /// </param>
    /// <param name="batchSize">The number of rows in a minibatch, at least 1.</param>
    /// <param name="optimizer">The optimizer. With null the trainer uses stochastic gradient descent (SGD) without momentum.</param>
    /// <param name="validationFraction">
    /// The fraction of the rows that is held out for validation, in [0, 1). Default: 0. A schedule that watches a
    /// validation metric needs a value above 0, or validation data in <c>Fit</c>.
    /// </param>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.Transforms.Concatenate("Features", "Length", "Width"))
    ///     .Append(mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(
    ///         learningRateSchedule: LrSchedule.StepLR(stepSize: 10, gamma: 0.1)));
    /// </code>
    /// </example>
    public static TorchMaximumEntropyTrainer TorchMaximumEntropy(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = Defaults.LabelColumnName,
        string featureColumnName = Defaults.FeatureColumnName,
        string? exampleWeightColumnName = null,
        LrSchedule? learningRateSchedule = null,
        double? learningRate = null,
        double? l2Regularization = null,
        int? numberOfEpochs = null,
        int batchSize = Defaults.BatchSize,
        Optimizer? optimizer = null,
        double validationFraction = 0) => catalog.TorchMaximumEntropy(Options<TorchMaximumEntropyTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, learningRateSchedule, learningRate, l2Regularization,
            numberOfEpochs, batchSize, optimizer, validationFraction));

    /// <summary>
    /// Creates a trainer of a linear multiclass classifier with a scheduled learning rate. See <see cref="TorchMaximumEntropyTrainer"/>.
    /// </summary>
    /// <param name="catalog">The multiclass classification trainers.</param>
    /// <param name="options">All options of the trainer. The trainer keeps a copy.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public static TorchMaximumEntropyTrainer TorchMaximumEntropy(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TorchMaximumEntropyTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        var env = MLNetInternals.EnvironmentOf(catalog);
        var checkedOptions = (TorchMaximumEntropyTrainer.Options)options.CheckedCopy();
        var schemaPeer = catalog.SdcaMaximumEntropy(options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
        return new TorchMaximumEntropyTrainer(env, checkedOptions, schemaPeer);
    }

    private static TOptions Options<TOptions>(
        string labelColumnName,
        string featureColumnName,
        string? exampleWeightColumnName,
        LrSchedule? learningRateSchedule,
        double? learningRate,
        double? l2Regularization,
        int? numberOfEpochs,
        int batchSize,
        Optimizer? optimizer,
        double validationFraction) where TOptions : LinearTrainerOptions, new() => new()
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            LearningRateSchedule = learningRateSchedule,
            LearningRate = learningRate,
            L2Regularization = l2Regularization,
            NumberOfEpochs = numberOfEpochs,
            BatchSize = batchSize,
            Optimizer = optimizer ?? Optimizer.Sgd(),
            ValidationFraction = validationFraction,
        };
}
