using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What the trainers have in common: reading the data, training, and handing the weights to a transformer.</summary>
/// <typeparam name="TTransformer">The transformer that <c>Fit</c> gives.</typeparam>
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
    private readonly IEstimator<ITransformer> _schemaPeer;
    private readonly int _seed;
    private readonly TrainerRowReader _reader;

    /// <param name="environment">The environment of the <see cref="MLContext"/>.</param>
    /// <param name="name">The name of the trainer in the log.</param>
    /// <param name="options">The options; a copy is kept.</param>
    /// <param name="schemaPeer">ML.NET's own trainer of the task over the same columns, which knows their types and messages.</param>
    private protected LinearTrainerBase(
        IHostEnvironment environment, string name, LinearTrainerOptions options, IEstimator<ITransformer> schemaPeer)
    {
        (_name, _options, _schemaPeer) = (name, options, schemaPeer);
        _host = environment.Register(name);
        _seed = options.Seed ?? _host.Rand.Next();
        _reader = new TrainerRowReader(options, _seed, shape => GetOutputSchema(shape), CreateTask);
        Info = MLNetInternals.TrainerInfo(needsNormalization: !options.Standardize);
        BuiltIn = new BuiltInView(this);
    }

    /// <summary>
    /// What ML.NET asks of a trainer: it wants no cache, and normalised features only without
    /// <see cref="LinearTrainerOptions.Standardize"/>.
    /// </summary>
    public TrainerInfo Info { get; }

    /// <summary>
    /// This trainer as one that gives ML.NET's own transformer, for the places that demand its type, such as <c>OneVersusAll</c>.
    /// </summary>
    public ITrainerEstimator<TBuiltIn, TModel> BuiltIn { get; }

    /// <summary>The environment, for transformers.</summary>
    private protected IHostEnvironment Environment => _host;

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
    /// The rows that metrics are measured on after each epoch, read once; null for those that
    /// <see cref="LinearTrainerOptions.ValidationFraction"/> holds back from the training rows, which has no effect otherwise: a warning
    /// says so. Key values are compared by their names, where both have names.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, or too few to hold some back; a weight is negative; a label cannot be trained on, or there is one class;
    /// validation rows have a class or an order of features that training rows do not have; a schedule or early stopping needs a metric
    /// of validation rows and there are none; there are checkpoints of another training, or they would be larger than 2 GB; a
    /// penalty is too large for the optimizer; the Torch engine is asked for, and libtorch or the device is missing.
    /// </exception>
    /// <exception cref="ScheduleException">
    /// A schedule cannot give the rates of the run, which is found before the first step; or a delegate of it has thrown, or gave what is
    /// no factor, in training.
    /// </exception>
    /// <exception cref="InvalidDataException">There are checkpoints in the folder, and none of them can be used.</exception>
    /// <exception cref="IOException">
    /// The folder of checkpoints cannot be written to, or is in use by another training; or it or its lock was deleted in training.
    /// </exception>
    /// <exception cref="TrainingDivergedException">The loss or a weight became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public TTransformer Fit(IDataView trainData, IDataView? validationData) => Fit(trainData, validationData, initial: null);

    /// <summary>The shape of the transformer's output.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        try
        {
            return _schemaPeer.GetOutputSchema(inputSchema);
        }
        catch (ArgumentOutOfRangeException e) when (
            inputSchema.Where(column => column.Name == _options.LabelColumnName).ToArray()
                is [{ Kind: SchemaShape.Column.VectorKind.Scalar } label]
            && e.Message.StartsWith("Schema mismatch for label column", StringComparison.Ordinal))
        {
            var message = e.Message.Split(" (Parameter")[0];
            throw new ArgumentOutOfRangeException(e.ParamName, $"{message}. Put {LabelAdvice(label)} before the trainer.");
        }
        catch (ArgumentOutOfRangeException e) when (
            inputSchema.Where(column => column.Name == _options.FeatureColumnName).ToArray() is [{ ItemType: NumberDataViewType } features]
            && FeatureAdvice(features) is not null
            && e.Message.StartsWith("Schema mismatch for feature column", StringComparison.Ordinal))
        {
            var message = e.Message.Split(" (Parameter")[0];
            throw new ArgumentOutOfRangeException(e.ParamName, $"{message}. Put {FeatureAdvice(features)} before the trainer.");
        }
    }

    /// <summary>Trains a model that begins with given weights.</summary>
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
        var (training, validation) = (rows.Training, rows.Validation);
        if (!ahead.FollowFromOptions) Warn(ahead.Warnings(StepsPerEpoch(training)), channel);
        CheckInitial(initial, rows.Task.OutputCount, training.FeatureCount);
        var automaticRate = AutomaticRate(rows);
        Warn(rows, automaticRate, channel);
        using var windows = new WindowLoader(training, OrderOf(training));
        using var folder = FolderFor(training, validation, initial, channel);
        var newest = folder?.FindNewest();
        if (folder is not null && newest is null && _options.Seed is null)
            channel.Warning(
                MessageSensitivity.None, "{0}",
                $"Checkpoints are of one seed, and Options.Seed is null: {_seed} was drawn from the MLContext. Set Options.Seed, so that a "
                + "later Fit can go on from them.");
        var (weights, history) = GoOn(newest);
        WarnOfEarlyEnd(history, channel);
        return ModelOf(weights, history, rows);

        (LinearWeights, TrainingHistory) GoOn(TrainingState? from)
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

        // A checkpoint may be of training that has begun again with a tenth.
        bool BeginsWith(double found)
        {
            const double LastDigits = 1e-9;
            var rate = automaticRate;
            while (_options.LearningRate is null && rate > found * (1 + LastDigits) && found > 0) rate /= 10;
            return Math.Abs(rate - found) <= LastDigits * rate;
        }

        (LinearWeights, TrainingHistory) Train(double rate, double divergedAt, TrainingState? from)
        {
            var plan = PlanFor(rows, rate, cancellation, initial) with
            {
                Checkpoints = folder,
                From = from,
                Progress = new TrainingObserver(channel, _name, _options.LoggedMetric, _options.Progress),
            };
            if (_options.LearningRate is null)
                channel.Info(MessageSensitivity.None, "{0}", Quantity.Of(plan.NumberOfEpochs, "epoch")
                    + FormattableString.Invariant($", with a learning rate of {rate:G3} that follows from the rows."));
            try
            {
                using var engine = CreateEngine(rows, [rows.SettingsFor(_options)], windows.WindowRows, initial);
                return new TrainingLoop(plan, engine, windows, training.RowCount, validation, rows.Task.Scores).Run();
            }
            // The loss before the first step does not depend on the rate.
            catch (TrainingDivergedException e) when (
                _options.BeginsAgain(rate, automaticRate, e.LearningRate, divergedAt) && e is not { Epoch: 1, Step: 1 })
            {
                channel.Warning(MessageSensitivity.None, "{0}", string.Create(
                    CultureInfo.InvariantCulture,
                    $"Training diverged with a learning rate of {rate:G3}, which follows from the rows. It begins again with a tenth of "
                    + $"it. ({e.Message})"));
                folder?.Clear();
                return Train(rate / 10, e.LearningRate, from: null);
            }
        }
    }

    LinearTrainerOptions ISweptTrainer.Options => _options;

    int ISweptTrainer.Seed => _seed;

    TrainerRows ISweptTrainer.Read(IDataView trainData, IDataView? validationData, Cancellation cancellation)
    {
        using var channel = _host.Start("Training");
        var rows = _reader.Read(trainData, validationData, cancellation, channel);
        try
        {
            Warn(rows, AutomaticRate(rows), channel);
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

    RowOrder ISweptTrainer.OrderOf(TrainerRows rows) => OrderOf(rows.Training);

    TrainingPlan ISweptTrainer.PlanFor(TrainerRows rows, double? rate, Cancellation cancellation)
    {
        _options.CheckDevice();
        new SchedulesAhead(_options, cancellation.ThrowIfRequested).Check(StepsPerEpoch(rows.Training));
        return PlanFor(rows, rate ?? AutomaticRate(rows), cancellation, initial: null);
    }

    ILinearEngine ISweptTrainer.CreateEngine(TrainerRows rows, IReadOnlyList<ModelSettings> models, int windowRows) =>
        CreateEngine(rows, models, windowRows, initial: null);

    ITransformer ISweptTrainer.ModelOf(LinearWeights weights, TrainingHistory history, TrainerRows rows) => ModelOf(weights, history, rows);

    /// <summary>What is to be learned from the columns.</summary>
    private protected abstract LinearTask CreateTask(DataViewSchema schema);

    /// <summary>What makes a label of the task of a column of another type, in words.</summary>
    private protected abstract string LabelAdvice(SchemaShape.Column label);

    /// <summary>What makes a column of features of numbers, in words; null where nothing is to be said.</summary>
    private static string? FeatureAdvice(SchemaShape.Column features)
    {
        string[] steps =
        [
            .. features.ItemType == NumberDataViewType.Single ? Array.Empty<string>()
                : [$"mlContext.Transforms.Conversion.ConvertType(\"{features.Name}\", outputKind: DataKind.Single)"],
            .. features.Kind != SchemaShape.Column.VectorKind.Scalar ? Array.Empty<string>()
                : [$"mlContext.Transforms.Concatenate(\"Features\", \"{features.Name}\")"],
        ];
        return steps.Length == 0 ? null : string.Join(" and ", steps);
    }

    /// <summary>What makes numbers, or truths, of a label.</summary>
    private protected static string ConvertLabel(SchemaShape.Column label, DataKind kind) => "mlContext.Transforms.Conversion."
        + (label.IsKey ? $"MapKeyToValue(\"{label.Name}\")" : $"ConvertType(\"{label.Name}\", outputKind: DataKind.{kind})");

    /// <summary>The transformer of a trained model.</summary>
    private protected abstract TTransformer CreateTransformer(TrainedModel model, DataViewSchema inputSchema);

    private int StepsPerEpoch(TrainingSet training) => (training.RowCount - 1) / _options.BatchSize + 1;

    private RowOrder OrderOf(TrainingSet training) =>
        new(training.RowCount, training.ValuesPerRow, _options.BatchSize, _options.Shuffle ? _seed : null, training.IsInFile);

    private TrainingPlan PlanFor(TrainerRows rows, double rate, Cancellation cancellation, LinearWeights? initial)
    {
        if (rows.Validation is null) _options.CheckNothingNeedsValidation();
        new LabelWarnings(_options, rows).RefuseUndefined();
        MagnitudeCheck.CheckPenalty(
            _options.Optimizer, rows.SettingsFor(_options).L2Regularization, _options.LearningRates(rate)[ILinearEngine.WeightGroup],
            initial is null ? [] : Scaled(initial, rows).Weights);
        var stepsPerEpoch = StepsPerEpoch(rows.Training);
        var epochs = _options.EpochsFor(stepsPerEpoch);
        if (_options.Averaging is { StartEpoch: var start } && start >= epochs)
            throw Argument.OutOfRange("Averaging.StartEpoch", $"in [0, {epochs}), less than the epochs of the run", start);
        return new TrainingPlan(
            NumberOfEpochs: epochs,
            BatchSize: _options.BatchSize,
            Schedules: [.. SchedulesOf(epochs, stepsPerEpoch)],
            LearningRates: _options.LearningRates(rate),
            Momentum: _options.Optimizer.CycledMomentum ?? 0,
            EarlyStopping: _options.EarlyStopping is { } rule ? rule with { Metric = rule.Metric ?? _options.MonitoredMetric } : null,
            Checkpoints: null,
            Progress: null,
            LossLimit: initial is null ? rows.LossLimit : DivergenceLimit.Of(rows.Training, rows.Task.Loss, Scaled(initial, rows)),
            Cancellation: cancellation)
        {
            RecordsBatchRates = _options.Schedules.Count > 0,
            DivergenceAdvice = _options.DivergenceAdvice,
            Averaging = _options.Averaging,
        };
    }

    private double AutomaticRate(TrainerRows rows)
    {
        if (_options.LearningRate is { } given) return given;
        var rate = rows.Curvature.RateFor(_options.Optimizer, _options.BatchSize, rows.SettingsFor(_options).L2Regularization);
        return rate > 0 ? rate : throw new InvalidOperationException(
            "The features are too large for a learning rate to follow from them, which must be in (0, ∞). Leave Standardize on, bring "
            + $"them to a smaller scale, or set LearningRate. Received: {rate}");
    }

    private IEnumerable<LrSchedule?> SchedulesOf(int epochs, int stepsPerEpoch)
    {
        var falling = LrSchedule.PolynomialLR(
            (int)Math.Min(int.MaxValue, (long)epochs * stepsPerEpoch)) with
        { Interval = ScheduleInterval.Batch };
        return _options.Schedules is { Count: > 0 } own
            ? own.Select(schedule => schedule?.ForRun(epochs, stepsPerEpoch) ?? falling)
            : [falling];
    }

    private static LinearWeights Scaled(LinearWeights initial, TrainerRows rows) =>
        rows.Training.Standardization is { } standardization
            ? StandardizedEngine.Scaled(initial, standardization, rows.Task.Loss.TrainingScale) : initial;

    private ILinearEngine CreateEngine(TrainerRows rows, IReadOnlyList<ModelSettings> models, int windowRows, LinearWeights? initial)
    {
        var begin = initial is not null ? Scaled(initial, rows)
            : rows.Training.Standardization is null ? null
            : new LinearWeights([], rows.InitialScores.ToArray());
        var problem = new LinearProblem(
            rows.Training, models, rows.Task.OutputCount, rows.Task.Loss, _options.BatchSize, windowRows, begin);
        ILinearEngine engine = _options.ChosenEngine == TrainingEngine.Torch
            ? new TorchEngine(problem, TorchPlace.Of(_options.Device))
            : new FusedEngine(problem);
        return rows.Training.Standardization is { } standardization
            ? new StandardizedEngine(engine, standardization, rows.Task.Loss.TrainingScale, initial)
            : engine;
    }

    private TTransformer ModelOf(LinearWeights weights, TrainingHistory history, TrainerRows rows) =>
        CreateTransformer(
            rows.Validation is { } validation
                ? new TrainedModel(weights, Signed(history, rows), validation, () => weights)
                : new TrainedModel(weights, Signed(history, rows), rows.Training, () => Scaled(weights, rows)),
            rows.Schema);

    private static void CheckInitial(LinearWeights? initial, int outputs, int features)
    {
        if (initial is null) return;
        if (initial.OutputCount != outputs)
            throw new InvalidOperationException(
                $"The initial model must have as many classes as the label ({outputs}). Received: {initial.OutputCount}");
        if (initial.FeatureCount != features)
            throw new InvalidOperationException(
                $"The initial model must have as many features as the training rows ({features}). Received: {initial.FeatureCount}");
        if (!initial.IsFinite)
            throw new InvalidOperationException("The weights of the initial model must be finite. Received: one that is NaN or infinite");
    }

    private static void Warn(IEnumerable<string> warnings, IChannel channel)
    {
        foreach (var warning in warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
    }

    private void Warn(TrainerRows rows, double rate, IChannel channel)
    {
        var stepsPerEpoch = StepsPerEpoch(rows.Training);
        var steps = (long)_options.EpochsFor(stepsPerEpoch) * stepsPerEpoch;
        Warn(new LabelWarnings(_options, rows).All().Concat(new ScaleWarnings(_options, rows).For(rate, steps)), channel);
    }

    private static void WarnOfEarlyEnd(TrainingHistory history, IChannel channel)
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

    private CheckpointFolder? FolderFor(TrainingSet training, TrainingSet? validation, LinearWeights? initial, IChannel channel)
    {
        if (_options.Checkpoints is not { } checkpoints) return null;
        var stepsPerEpoch = StepsPerEpoch(training);
        var identity =
            CheckpointIdentity.Of(_name, _options, _seed, _options.EpochsFor(stepsPerEpoch), initial, training, validation);
        var folder = new CheckpointFolder(
            checkpoints, identity, new CheckpointMatch(_options, identity, stepsPerEpoch).Refuse,
            told => channel.Info(MessageSensitivity.None, "{0}", told),
            warning => channel.Warning(MessageSensitivity.None, "{0}", warning));
        folder.Prepare();
        return folder;
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
