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
/// Trains a linear binary classifier by minibatch gradient descent with a scheduled learning rate. Minimises <c>mean of weight · loss(w ·
/// features + b, label) + λ₂/2 · ‖w‖² + λ₁ · ‖w‖₁</c>. The default loss is the logistic loss.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label is <see cref="bool"/>; the example weight is <see cref="float"/>; the features are a known-size vector of
/// <see cref="float"/>, dense or sparse. The trainer standardises the features itself (<see cref="LinearTrainerOptions.Standardize"/>), so
/// that the pipeline needs no normaliser. Output: "Score" and "Probability" (<see cref="float"/>), and "PredictedLabel"
/// (<see cref="bool"/>).
/// </para>
/// <para>
/// The weights start at zero. The bias starts at the best constant score. For the logistic loss this is <c>log(p / (1 − p))</c>, where p
/// is the weighted proportion of true labels. Without Standardize the bias starts at zero.
/// </para>
/// <para>
/// For the logistic loss the probability is <c>1 / (1 + exp(−score))</c>. Other losses, such as the hinge loss, give no probability. For
/// them Platt scaling is fitted to the scores of the validation rows, or of the training rows if there are no validation rows.
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

    /// <summary>Trains a model that starts from the weights of another model (warm start).</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The validation rows, or null. See <see cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)"/>.
    /// </param>
    /// <param name="initial">
    /// A linear model with the same number of features: one of ML.NET's own, or the SubModel of a model of this trainer.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    public TorchLogisticRegressionTransformer Fit(IDataView trainData, IDataView? validationData, LinearModelParameters initial) =>
        Fit(trainData, validationData, ModelWeights.Of(initial));

    /// <summary>Trains a model that starts from the weights of another model (warm start).</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">The validation rows, or null.</param>
    /// <param name="initial">A linear model with a calibrator. The calibrator is ignored.</param>
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
        /// <summary>The loss that training minimises. Default: the logistic loss.</summary>
        public BinaryLoss Loss { get; set; } = BinaryLoss.Logistic();

        /// <summary>
        /// The threshold on the score, a finite number: rows with a higher score are predicted true. Default: 0, which is a probability of
        /// 0.5 with the logistic loss.
        /// </summary>
        public float Threshold { get; set; }

        internal override Loss TrainingLoss => Loss;

        internal override IReadOnlyList<Metric> ValidationMetrics => BinaryScores.MetricsOf(Loss);

        /// <inheritdoc cref="TorchLinearRegressionTrainer.Options.FromJson"/>
        public static Options FromJson(string json) => OptionsJson.Read<Options>(json);

        /// <summary>Reads options from a configuration section.</summary>
        /// <param name="section">
        /// The section. It has the same members as the JSON form; their names are not case-sensitive. You can also give a schedule as
        /// text, an optimizer or a loss by its name alone, and checkpoints by their folder alone. An option that is missing keeps its
        /// default.
        /// </param>
        /// <exception cref="System.Text.Json.JsonException">
        /// The section does not exist or has no members; it names an unknown option; it has a value that is not valid for its option; or
        /// it has both a value and members, as happens when one configuration source overrides another in a different form.
        /// </exception>
        public static Options FromConfiguration(IConfiguration section) => OptionsConfiguration.Read<Options>(section);

        internal override void CheckOwn()
        {
            if (!float.IsFinite(Threshold)) throw Arguments.Argument.OutOfRange(nameof(Threshold), "in (−∞, ∞)", Threshold);
        }
    }
}
