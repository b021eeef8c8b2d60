using Microsoft.Extensions.Configuration;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains a linear regression by minibatch gradient descent with a scheduled learning rate. Minimises <c>mean of weight · loss(w ·
/// features + b, label) + λ₂/2 · ‖w‖² + λ₁ · ‖w‖₁</c>.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label and the example weight are <see cref="float"/>; the features are a known-size vector of <see cref="float"/>, dense or
/// sparse. The trainer standardises features and labels itself (<see cref="LinearTrainerOptions.Standardize"/>), so that the pipeline
/// needs no normaliser. Output: "Score", a <see cref="float"/> in the units of the label.
/// </para>
/// <para>
/// The weights start at zero. The bias starts at the best constant prediction: the mean of the labels for the squared loss, their median
/// for the absolute and the Huber loss, their quantile for the quantile loss, and the logarithm of their mean for the Poisson loss.
/// Without Standardize the bias starts at zero. The trainer reads the rows once, so that the pipeline needs no cache.
/// </para>
/// </remarks>
public sealed class TorchLinearRegressionTrainer : LinearTrainerBase<
    TorchLinearRegressionTransformer, RegressionPredictionTransformer<RegressionModelParameters>, RegressionModelParameters>
{
    private readonly Options _options;

    internal TorchLinearRegressionTrainer(IHostEnvironment environment, Options options, IEstimator<ITransformer> schemaPeer)
        : base(environment, nameof(TorchLinearRegressionTrainer), options, schemaPeer) => _options = options;

    /// <summary>Trains a model that starts from the weights of another model (warm start).</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The validation rows, or null. See <see cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)"/>.
    /// </param>
    /// <param name="initial">A linear model with the same number of features, from this trainer or one of ML.NET's own.</param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    public TorchLinearRegressionTransformer Fit(IDataView trainData, IDataView? validationData, LinearModelParameters initial) =>
        Fit(trainData, validationData, ModelWeights.Of(initial));

    private protected override LinearTask CreateTask(DataViewSchema schema) =>
        new(OutputCount: 1, _options.Loss, new RegressionScores(_options.Loss), _options.Loss.CheckLabel,
            label => FormattableString.Invariant($"{label}"));

    private protected override string LabelAdvice(SchemaShape.Column label) => ColumnAdvice.ConvertLabel(label, DataKind.Single);

    private protected override TorchLinearRegressionTransformer CreateTransformer(TrainedModel model, DataViewSchema inputSchema) => new(
        MLNetInternals.RegressionTransformer(
            Environment, model.Weights.Weights, model.Weights.Biases[0], _options.Loss is Losses.PoissonLoss, inputSchema,
            _options.FeatureColumnName),
        model.History);

    /// <summary>The options of a <see cref="TorchLinearRegressionTrainer"/>.</summary>
    /// <example>
    /// <code>
    /// var options = new TorchLinearRegressionTrainer.Options
    /// {
    ///     LearningRateSchedule = LrSchedule.StepLR(stepSize: 10, gamma: 0.3),
    ///     NumberOfEpochs = 30,
    ///     Loss = RegressionLoss.Huber(),
    /// };
    /// var trained = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(trainData);
    /// </code>
    /// </example>
    public sealed class Options : LinearTrainerOptions
    {
        /// <summary>The loss that training minimises. Default: the squared loss.</summary>
        public RegressionLoss Loss { get; set; } = RegressionLoss.Squared();

        internal override Loss TrainingLoss => Loss;

        internal override IReadOnlyList<Metric> ValidationMetrics => RegressionScores.Metrics;

        /// <summary>Reads options from JSON.</summary>
        /// <param name="json">
        /// The options in the format that <see cref="LinearTrainerOptions.ToJson"/> writes. An option that is missing keeps its default.
        /// </param>
        /// <exception cref="System.Text.Json.JsonException">
        /// The text is not JSON, names an unknown option, or has a value that is not valid for its option.
        /// </exception>
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
    }
}
