using Microsoft.Extensions.Configuration;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains a linear binary classification by minibatch gradient descent with a scheduled learning rate: minimises
/// <c>mean of weight · loss(w · features + b, label) + λ₂/2 · ‖w‖² + λ₁ · ‖w‖₁</c>, by default the logistic loss.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label is <see cref="bool"/>, the weight <see cref="float"/>, the features a known-size vector of <see cref="float"/>, dense
/// or sparse. The trainer brings features to one scale itself (<see cref="LinearTrainerOptions.Standardize"/>), so a normaliser before it
/// is not needed. Output: "Score", "Probability" (<see cref="float"/>) and "PredictedLabel" (<see cref="bool"/>).
/// </para>
/// <para>
/// The weights begin at zero and the bias at the best constant, of the logistic loss <c>log(p / (1 − p))</c> with the share p of rows
/// that are true.
/// </para>
/// <para>
/// The probability is <c>1 / (1 + exp(−score))</c>. Of a loss that gives no probability, such as the hinge, one is fitted to the scores
/// of the validation rows (where there are none, of the training rows) by Platt's method.
/// </para>
/// </remarks>
public sealed class TorchLogisticRegressionTrainer : LinearTrainerBase<
    TorchLogisticRegressionTransformer,
    BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>,
    CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>
{
    private readonly Options _options;

    internal TorchLogisticRegressionTrainer(IHostEnvironment environment, Options options, IEstimator<ITransformer> schemaPeer)
        : base(environment, nameof(TorchLogisticRegressionTrainer), options, schemaPeer) => _options = options;

    /// <summary>Trains a model that begins with the weights of another.</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The rows that metrics are measured on, or null: see
    /// <see cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)"/>.
    /// </param>
    /// <param name="initial">A linear model of as many features, of ML.NET's own trainers or the SubModel of one of this trainer.</param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    public TorchLogisticRegressionTransformer Fit(IDataView trainData, IDataView? validationData, LinearModelParameters initial) =>
        Fit(trainData, validationData, ModelWeights.Of(initial));

    /// <summary>Trains a model that begins with the weights of another.</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">The rows that metrics are measured on, or null.</param>
    /// <param name="initial">A linear model with its calibrator, which is left aside.</param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    public TorchLogisticRegressionTransformer Fit(
        IDataView trainData, IDataView? validationData, CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> initial)
    {
        ArgumentNullException.ThrowIfNull(initial);
        return Fit(trainData, validationData, ModelWeights.Of(initial.SubModel));
    }

    private protected override LinearTask CreateTask(DataViewSchema schema) =>
        new(OutputCount: 1, _options.Loss, new BinaryScores(_options.Loss), _options.Loss.CheckLabel,
            label => label > 0 ? "true" : "false");

    private protected override string LabelAdvice(SchemaShape.Column label) =>
        label.ItemType is NumberDataViewType && !label.IsKey
            ? ColumnAdvice.ConvertLabel(label, DataKind.Boolean)
            : $"mlContext.Transforms.Conversion.MapValue(\"{label.Name}\", …) with Boolean values";

    private protected override TorchLogisticRegressionTransformer CreateTransformer(TrainedModel model, DataViewSchema inputSchema)
    {
        var (slope, offset) = _options.Loss.GivesProbability ? (-1, 0) : FitProbability(model);
        return new(
            MLNetInternals.BinaryTransformer(
                Environment, model.Weights.Weights, model.Weights.Biases[0], slope, offset, inputSchema, _options.FeatureColumnName,
                _options.Threshold),
            _options.Threshold,
            model.History);
    }

    private static (double Slope, double Offset) FitProbability(TrainedModel model)
    {
        var (scores, isTrue) = (new float[model.Rows.RowCount], new bool[model.Rows.RowCount]);
        model.RowWeights().Score(model.Rows, scores);
        for (var row = 0; row < isTrue.Length; row++) isTrue[row] = model.Rows.Label(row) > 0;
        return PlattScaling.Fit(scores, isTrue);
    }

    /// <summary>The options of a <see cref="TorchLogisticRegressionTrainer"/>.</summary>
    /// <example>
    /// <code>
    /// var options = new TorchLogisticRegressionTrainer.Options
    /// {
    ///     LearningRateSchedule = LrSchedule.CosineAnnealingLR(tMax: 30),
    ///     NumberOfEpochs = 30,
    ///     L1Regularization = 0.001,
    /// };
    /// var trained = mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(trainData);
    /// </code>
    /// </example>
    public sealed class Options : LinearTrainerOptions
    {
        /// <summary>What training makes small. Default: the logistic loss.</summary>
        public BinaryLoss Loss { get; set; } = BinaryLoss.Logistic();

        /// <summary>
        /// The score above which a row is predicted true, a finite number. Default: 0, which of the logistic loss is a probability of one
        /// half.
        /// </summary>
        public float Threshold { get; set; }

        internal override Loss TrainingLoss => Loss;

        internal override IReadOnlyList<Metric> ValidationMetrics => BinaryScores.MetricsOf(Loss);

        /// <inheritdoc cref="TorchLinearRegressionTrainer.Options.FromJson"/>
        public static Options FromJson(string json) => OptionsJson.Read<Options>(json);

        /// <summary>Reads options from a section of a configuration.</summary>
        /// <param name="section">
        /// The members that JSON has, in any case; a schedule also as text, an optimizer or a loss also as its name alone, checkpoints
        /// also as their folder alone. What is left out keeps its default.
        /// </param>
        /// <exception cref="System.Text.Json.JsonException">
        /// The section is not there or has no members, names an unknown option, holds a value that an option cannot have, or has a value
        /// beside members, as where one configuration overrides another in another form.
        /// </exception>
        public static Options FromConfiguration(IConfiguration section) => OptionsConfiguration.Read<Options>(section);

        internal override void CheckOwn()
        {
            if (!float.IsFinite(Threshold)) throw Arguments.Argument.OutOfRange(nameof(Threshold), "in (−∞, ∞)", Threshold);
        }
    }
}
