using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The base of the trainers: it reads the data, trains the model, and creates the transformer.</summary>
/// <typeparam name="TTransformer">The transformer that <c>Fit</c> returns.</typeparam>
/// <typeparam name="TBuiltIn">ML.NET's transformer of the task.</typeparam>
/// <typeparam name="TModel">ML.NET's model parameters of the task.</typeparam>
public abstract class LinearTrainerBase<TTransformer, TBuiltIn, TModel> : ITrainerEstimator<TTransformer, TModel>, ISweptTrainer
    where TTransformer : LinearTransformerBase<TBuiltIn, TModel>
    where TBuiltIn : class, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private readonly string _name;
    private readonly IHost _host;
    private readonly LinearTrainerOptions _options;
    private readonly ColumnAdvice _columns;
    private readonly int _seed;
    private readonly FitSetup _setup;
    private readonly TrainerRowReader _reader;

    /// <param name="environment">The environment of the <see cref="MLContext"/>.</param>
    /// <param name="name">The name of the trainer in the log.</param>
    /// <param name="options">The options, which the trainer owns: the catalog passes a checked copy.</param>
    /// <param name="schemaPeer">ML.NET's own trainer of the task over the same columns, which knows their types and messages.</param>
    private protected LinearTrainerBase(
        IHostEnvironment environment, string name, LinearTrainerOptions options, IEstimator<ITransformer> schemaPeer)
    {
        (_name, _options, _columns) = (name, options, new ColumnAdvice(options, schemaPeer, LabelAdvice));
        _host = environment.Register(name);
        _seed = options.Seed ?? _host.Rand.Next();
        _setup = new FitSetup(options, _seed);
        _reader = new TrainerRowReader(options, _seed, shape => GetOutputSchema(shape), CreateTask);
        Info = MLNetInternals.TrainerInfo(needsNormalization: !options.Standardize);
        BuiltIn = new BuiltInView(this);
    }

    /// <summary>
    /// The properties of the trainer for ML.NET: it needs no cache, and needs normalised features only without
    /// <see cref="LinearTrainerOptions.Standardize"/>.
    /// </summary>
    public TrainerInfo Info { get; }

    /// <summary>
    /// This trainer with ML.NET's own transformer as its result. Use it where an API requires that type, such as <c>OneVersusAll</c>.
    /// </summary>
    public ITrainerEstimator<TBuiltIn, TModel> BuiltIn { get; }

    /// <summary>The environment, which transformers need.</summary>
    private protected IHostEnvironment Environment => _host;

    /// <summary>Trains a model.</summary>
    /// <param name="input">
    /// The training rows, read once. Rows with a missing or infinite label, weight or feature are skipped, and a warning in the log gives
    /// their number: see <see cref="LinearTrainerOptions.InvalidRows"/>.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="Fit(IDataView, IDataView)" path="/exception"/>
    public TTransformer Fit(IDataView input) => Fit(input, validationData: null);

    /// <summary>Trains a model with separate validation data.</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The validation rows, on which metrics are measured after each epoch; read once. With null,
    /// <see cref="LinearTrainerOptions.ValidationFraction"/> holds out some of the training rows; if you pass validation rows, that option
    /// has no effect and a warning says so. If both sets have names for the key values, key values are matched by name.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, or too few to hold some out; a weight is negative; a label is not valid for the task, or there is only one
    /// class; the validation rows have a class that the training rows do not have, or their features are in a different order; a schedule
    /// or early stopping watches a metric of validation rows and there are none; the checkpoints belong to another training, or would be
    /// larger than 2 GB; a penalty is too large for the optimizer; or the engine is Torch, and libtorch or the device is missing.
    /// </exception>
    /// <exception cref="ScheduleException">
    /// A schedule cannot compute the rates of the run, which is checked before the first step; or, during training, a delegate of the
    /// schedule threw an exception or returned a factor that is not valid.
    /// </exception>
    /// <exception cref="InvalidDataException">There are checkpoints in the folder, and none of them can be used.</exception>
    /// <exception cref="IOException">
    /// The folder of the checkpoints cannot be written to or is in use by another training; or the folder or its lock was deleted during
    /// training.
    /// </exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public TTransformer Fit(IDataView trainData, IDataView? validationData) => Fit(trainData, validationData, initial: null);

    /// <summary>Gets the schema of the transformer's output.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _columns.OutputOf(inputSchema);

    /// <summary>Trains a model that starts from given weights; null for none.</summary>
    private protected TTransformer Fit(IDataView trainData, IDataView? validationData, LinearWeights? initial)
    {
        using var channel = _host.Start("Training");
        var cancellation = new Cancellation(
            MLNetInternals.CancellationOf(_host),
            _options.Cancellation == CancellationMode.Throw ? null
                : _options.MonitoredMetric.NeedsValidation() && validationData is null && _options.ValidationFraction == 0
                    ? Metric.TrainingLoss
                : _options.MonitoredMetric,
            _options.CancellationToken);
        var ahead = new SchedulesAhead(_options, cancellation.ThrowIfRequested);
        if (ahead.FollowFromOptions) Warn(ahead.Warnings(stepsPerEpoch: 1), channel);
        using var rows = _reader.Read(trainData, validationData, cancellation, channel);
        if (!ahead.FollowFromOptions) Warn(ahead.Warnings(_setup.StepsPerEpoch(rows.Training)), channel);
        if (rows.Validation is null && _options.MonitoredMetric.NeedsValidation()
            && _options.MonitoredMetric != Defaults.MonitoredMetric)
        {
            Warn([$"MonitoredMetric ({_options.MonitoredMetric}) has no effect: there are no validation rows. Set ValidationFraction in "
                + "(0, 1), or call Fit(trainData, validationData)."], channel);
        }

        InitialModelCheck.Check(initial, rows);
        var rate = _setup.RateFor(rows);
        Warn(rows, rate, channel);
        Warn(new LabelWarnings(_options, rows).OfMetrics(), channel);
        var (weights, history) = new FitRun(_name, _options, _seed, rows, rate, initial, cancellation, channel).Train();
        return ModelOf(weights, history, rows);
    }

    LinearTrainerOptions ISweptTrainer.Options => _options;

    int ISweptTrainer.Seed => _seed;

    TrainerRows ISweptTrainer.Read(IDataView trainData, IDataView? validationData, Cancellation cancellation)
    {
        using var channel = _host.Start("Training");
        var rows = _reader.Read(trainData, validationData, cancellation, channel);
        try
        {
            Warn(rows, _setup.RateFor(rows), channel);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    TrainingSet ISweptTrainer.ReadTest(IDataView testData, string what, TrainerRows rows, Cancellation cancellation)
    {
        using var channel = _host.Start("Testing");
        return _reader.ReadMore(
            testData, what, rows.Schema, rows.Training.FeatureCount, CreateTask(rows.Schema), rows.Store, cancellation, channel);
    }

    TrainerRows ISweptTrainer.RowsFor(TrainerRows read) =>
        new(_reader.TaskFor(read.Training, read.Schema), read.Training, read.Validation, read.Store, read.Schema);

    RowOrder ISweptTrainer.OrderOf(TrainerRows rows) => _setup.OrderOf(rows.Training);

    TrainingPlan ISweptTrainer.PlanFor(TrainerRows rows, double? rate, Cancellation cancellation)
    {
        DeviceCheck.Check(_options);
        new SchedulesAhead(_options, cancellation.ThrowIfRequested).Check(_setup.StepsPerEpoch(rows.Training));
        return _setup.PlanFor(rows, rate ?? _setup.RateFor(rows), cancellation, initial: null);
    }

    ILinearEngine ISweptTrainer.CreateEngine(TrainerRows rows, IReadOnlyList<ModelSettings> models, int windowRows) =>
        _setup.CreateEngine(rows, models, windowRows, initial: null);

    ITransformer ISweptTrainer.ModelOf(LinearWeights weights, TrainingHistory history, TrainerRows rows) => ModelOf(weights, history, rows);

    /// <summary>Creates the task for the columns.</summary>
    private protected abstract LinearTask CreateTask(DataViewSchema schema);

    /// <summary>Describes the transform that converts a column of another type to a label of the task.</summary>
    private protected abstract string LabelAdvice(SchemaShape.Column label);

    /// <summary>Creates the transformer of a trained model.</summary>
    private protected abstract TTransformer CreateTransformer(TrainedModel model, DataViewSchema inputSchema);

    private TTransformer ModelOf(LinearWeights weights, TrainingHistory history, TrainerRows rows) =>
        CreateTransformer(
            rows.Validation is { } validation
                ? new TrainedModel(weights, Signed(history, rows), validation, () => weights)
                : new TrainedModel(weights, Signed(history, rows), rows.Training, () => rows.Scaled(weights)),
            rows.Schema);

    private static void Warn(IEnumerable<string> warnings, IChannel channel)
    {
        foreach (var warning in warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
    }

    private void Warn(TrainerRows rows, double rate, IChannel channel)
    {
        var stepsPerEpoch = _setup.StepsPerEpoch(rows.Training);
        var steps = (long)_options.EpochsFor(stepsPerEpoch) * stepsPerEpoch;
        if (new LabelWarnings(_options, rows).OfTraining() is { } ofLabels) Warn([ofLabels], channel);
        Warn(new ScaleWarnings(_options, rows).For(rate, steps), channel);
    }

    private TrainingHistory Signed(TrainingHistory history, TrainerRows rows) => history with
    {
        TrainingRowCount = rows.Training.RowCount,
        ValidationRowCount = rows.Validation?.RowCount ?? 0,
        Trainer = _name,
        Options = _options.ToJsonWithoutDelegates(),
        Schedule = _options.LearningRateSchedule,
        ScheduleText = _options.LearningRateSchedule?.ToString(),
        BiasScheduleText = _options.BiasLearningRateSchedule?.ToString(),
    };

    private sealed class BuiltInView(LinearTrainerBase<TTransformer, TBuiltIn, TModel> trainer) : ITrainerEstimator<TBuiltIn, TModel>
    {
        public TrainerInfo Info => trainer.Info;

        public TBuiltIn Fit(IDataView input) => trainer.Fit(input).BuiltIn;

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);
    }
}
