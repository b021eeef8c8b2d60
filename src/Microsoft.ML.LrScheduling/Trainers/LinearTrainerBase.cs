using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What the trainers have in common: reading the data, training, and handing the weights to a transformer.</summary>
/// <typeparam name="TTransformer">The transformer that <c>Fit</c> gives.</typeparam>
/// <typeparam name="TModel">ML.NET's model parameters of the task.</typeparam>
public abstract class LinearTrainerBase<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private readonly IHost _host;
    private readonly LinearTrainerOptions _options;
    private readonly IEstimator<ITransformer> _schemaPeer;
    private readonly int _seed;

    /// <param name="environment">The environment of the <see cref="MLContext"/>.</param>
    /// <param name="name">The name of the trainer in the log.</param>
    /// <param name="options">The options; a copy is kept.</param>
    /// <param name="schemaPeer">ML.NET's own trainer of the task over the same columns, which knows their types and messages.</param>
    private protected LinearTrainerBase(IHostEnvironment environment, string name, LinearTrainerOptions options, IEstimator<ITransformer> schemaPeer)
    {
        _options = options;
        _schemaPeer = schemaPeer;
        _host = environment.Register(name);
        _seed = options.Seed ?? _host.Rand.Next();
        Info = MLNetInternals.TrainerInfo();
    }

    /// <summary>What ML.NET asks of a trainer: it wants normalised features and no cache.</summary>
    public TrainerInfo Info { get; }

    /// <summary>The environment, for transformers.</summary>
    private protected IHostEnvironment Environment => _host;

    /// <summary>The column of features.</summary>
    private protected string FeatureColumnName => _options.FeatureColumnName;

    /// <summary>Trains a model.</summary>
    /// <param name="input">
    /// The training rows, read once. Rows whose label, weight or a feature is missing or infinite are left out, and the log says how many.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="Fit(IDataView, IDataView)" path="/exception"/>
    public TTransformer Fit(IDataView input) => Fit(input, validationData: null);

    /// <summary>Trains a model, with validation data of its own.</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The rows that metrics are measured on after each epoch, read once; null for those that <see cref="LinearTrainerOptions.ValidationFraction"/>
    /// holds back from the training rows, which is otherwise left aside.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows; a weight is negative; the schedule needs a metric of validation rows and there are none; libtorch is missing.
    /// </exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public TTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        _schemaPeer.GetOutputSchema(MLNetInternals.ShapeOf(trainData.Schema));
        if (validationData is not null) _schemaPeer.GetOutputSchema(MLNetInternals.ShapeOf(validationData.Schema));
        CheckMonitoring(validationData);
        TorchRuntime.Check();

        using var channel = _host.Start("Training");
        var (training, validation) = ReadRows(trainData, validationData, channel);
        var order = new RowOrder(training.RowCount, training.FeatureCount, _options.BatchSize, _options.Shuffle ? _seed : null);
        var loss = new Losses.SquaredLoss();
        var stepsPerEpoch = (training.RowCount - 1) / _options.BatchSize + 1;
        var plan = new TrainingPlan(
            NumberOfEpochs: _options.NumberOfEpochs,
            BatchSize: _options.BatchSize,
            Schedule: _options.LearningRateSchedule?.Watching(_options.MonitoredMetric).ForRun(_options.NumberOfEpochs, stepsPerEpoch),
            LearningRates: _options.LearningRates,
            Progress: _options.Progress,
            CancellationToken: _options.CancellationToken);
        using var engine = new TorchEngine(new LinearProblem(
            training, ModelCount: 1, loss, _options.Optimizer, _options.L2Regularization, _options.BatchSize, order.WindowRows));
        var (weights, history) = new TrainingLoop(plan, engine, order, validation, loss).Run();
        return CreateTransformer(weights, history, trainData.Schema);
    }

    /// <summary>The shape of the transformer's output.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _schemaPeer.GetOutputSchema(inputSchema);

    private protected abstract TTransformer CreateTransformer(LinearWeights weights, TrainingHistory history, DataViewSchema inputSchema);

    private void CheckMonitoring(IDataView? validationData)
    {
        if (validationData is not null || _options.ValidationFraction > 0 || _options.LearningRateSchedule is not { } schedule) return;
        foreach (var metric in schedule.WatchedMetrics.Select(metric => metric ?? _options.MonitoredMetric))
            if (metric.NeedsValidation())
                throw new InvalidOperationException(
                    $"{schedule.GetType().Name} watches {metric}, and there is no validation data. "
                    + "Set ValidationFraction in (0, 1), call Fit(trainData, validationData), or let it watch TrainingLoss.");
    }

    private (TrainingSet Training, TrainingSet? Validation) ReadRows(IDataView trainData, IDataView? validationData, IChannel channel)
    {
        var reader = new TrainingSetReader(_options.FeatureColumnName, _options.LabelColumnName, _options.ExampleWeightColumnName);
        var holdOut = validationData is null && _options.ValidationFraction > 0 ? new HoldOut(_options.ValidationFraction, _seed) : null;
        var read = reader.Read(trainData, holdOut, _options.CancellationToken);
        if (read.Validation is { } heldOut && (heldOut.RowCount == 0 || read.Training.RowCount == 0) && heldOut.RowCount + read.Training.RowCount > 0)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"ValidationFraction of {heldOut.RowCount + read.Training.RowCount} rows must leave at least one for training and one for validation. Received: {_options.ValidationFraction}"));
        CheckRows(read.Training, "training", read.SkippedRows, channel);
        if (validationData is null) return (read.Training, read.Validation);

        var readValidation = reader.Read(validationData, holdOut: null, _options.CancellationToken);
        CheckRows(readValidation.Training, "validation", readValidation.SkippedRows, channel);
        if (readValidation.Training.FeatureCount != read.Training.FeatureCount)
            throw new InvalidOperationException(
                $"The validation rows must have as many features as the training rows ({read.Training.FeatureCount}). Received: {readValidation.Training.FeatureCount}");
        return (read.Training, readValidation.Training);
    }

    private static void CheckRows(TrainingSet rows, string what, long skipped, IChannel channel)
    {
        var reason = $"{skipped} rows were left out because their label, weight or a feature is missing (NaN) or infinite.";
        if (rows.RowCount == 0)
            throw new InvalidOperationException($"There must be at least one {what} row. Received: 0" + (skipped > 0 ? $"; {reason}" : ""));
        if (skipped > 0) channel.Warning(MessageSensitivity.None, $"{what}: {reason}");
    }
}
