using Microsoft.Extensions.Configuration;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains a linear regression by minibatch gradient descent with a scheduled learning rate: minimises
/// <c>mean of weight · loss(w · features + b, label) + λ₂/2 · ‖w‖² + λ₁ · ‖w‖₁</c>.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label and the weight are <see cref="float"/>, the features a known-size vector of <see cref="float"/>, dense or sparse.
/// The trainer brings features and labels to one scale itself (<see cref="LinearTrainerOptions.Standardize"/>), so a normaliser before it
/// is not needed. Output: "Score", a <see cref="float"/>, in the label's units.
/// </para>
/// <para>
/// The weights begin at zero and the bias at the best constant: the mean of the labels, for the absolute and the Huber loss their median,
/// for the quantile loss their quantile, for the Poisson loss the logarithm of their mean. The rows are read once, so a cache before the
/// trainer is not needed either.
/// </para>
/// </remarks>
public sealed class TorchLinearRegressionTrainer : LinearTrainerBase<
    TorchLinearRegressionTransformer, RegressionPredictionTransformer<RegressionModelParameters>, RegressionModelParameters>
{
    private readonly Options _options;

    internal TorchLinearRegressionTrainer(IHostEnvironment environment, Options options, IEstimator<ITransformer> schemaPeer)
        : base(environment, nameof(TorchLinearRegressionTrainer), options, schemaPeer) => _options = options;

    /// <summary>Trains a model that begins with the weights of another.</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The rows that metrics are measured on, or null: see
    /// <see cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)"/>.
    /// </param>
    /// <param name="initial">A linear model of as many features, of this trainer or of ML.NET's own.</param>
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
        /// <summary>What training makes small. Default: the squared error.</summary>
        public RegressionLoss Loss { get; set; } = RegressionLoss.Squared();

        internal override Loss TrainingLoss => Loss;

        internal override IReadOnlyList<Metric> ValidationMetrics => RegressionScores.Metrics;

        /// <summary>Reads options from JSON.</summary>
        /// <param name="json">
        /// What <see cref="LinearTrainerOptions.ToJson"/> gives, or the like; what is left out keeps its default.
        /// </param>
        /// <exception cref="System.Text.Json.JsonException">
        /// The text is not JSON, names an unknown option, or holds a value that an option cannot have.
        /// </exception>
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
    }
}
