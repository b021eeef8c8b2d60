using Microsoft.Extensions.Configuration;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains a linear multiclass classification (multinomial logistic regression) by minibatch gradient descent with a scheduled learning
/// rate: minimises <c>mean of weight · loss(W · features + b, label) + λ₂/2 · ‖W‖² + λ₁ · ‖W‖₁</c>, the loss being
/// the cross-entropy of the softmax of the scores.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label is a key (<c>MapValueToKey</c>), the weight <see cref="float"/>, the features a known-size vector of
/// <see cref="float"/>, dense or sparse. The trainer brings features to one scale itself (<see cref="LinearTrainerOptions.Standardize"/>),
/// so a normaliser before it is not needed. Output: "Score", a vector of <see cref="float"/> with the probability of each class, whose slot
/// names are the classes; and "PredictedLabel", a key like the label.
/// </para>
/// <para>The weights begin at zero and the biases at the logarithms of the classes' shares.</para>
/// </remarks>
public sealed class TorchMaximumEntropyTrainer : LinearTrainerBase<
    TorchMaximumEntropyTransformer, MulticlassPredictionTransformer<MaximumEntropyModelParameters>, MaximumEntropyModelParameters>
{
    private readonly Options _options;

    internal TorchMaximumEntropyTrainer(IHostEnvironment environment, Options options, IEstimator<ITransformer> schemaPeer)
        : base(environment, nameof(TorchMaximumEntropyTrainer), options, schemaPeer) => _options = options;

    /// <summary>Trains a model that begins with the weights of another.</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The rows that metrics are measured on, or null: see
    /// <see cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)"/>.
    /// </param>
    /// <param name="initial">
    /// A linear model of as many classes and features, of this trainer or of ML.NET's own. Classes are compared by their names, where both
    /// the model and the label have names; else they are to come in the same order.
    /// </param>
    /// <returns>The transformer that predicts.</returns>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    public TorchMaximumEntropyTransformer Fit(
        IDataView trainData, IDataView? validationData, LinearMulticlassModelParametersBase initial)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        var classes = KeyNames.Of(trainData.Schema.GetColumnOrNull(_options.LabelColumnName));
        return Fit(trainData, validationData, ModelWeights.Of(initial, classes));
    }

    private protected override LinearTask CreateTask(DataViewSchema schema)
    {
        var label = schema[_options.LabelColumnName];
        var classes = label.Type is KeyDataViewType { Count: > 0 and <= int.MaxValue } key
            ? (int)key.Count
            : throw new InvalidOperationException($"The label must be a key of a known number of classes. Received: {label.Type} in "
                + $"column '{label.Name}'. Use MapValueToKey.");
        if (classes < 2)
            throw new InvalidOperationException($"The label must be of at least 2 classes. Received: {classes} in column '{label.Name}'");
        var names = KeyNames.Of(label)?.Names;
        return new(classes, _options.Loss, new MulticlassScores(_options.Loss), CheckLabel, LabelText);

        void CheckLabel(float value)
        {
            if (value >= classes)
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"A label must be one of the {classes} classes of the training rows. Received: number {value + 1}"));
        }

        string LabelText(float value) => names is not null ? $"'{names[(int)value]}'" : FormattableString.Invariant($"{value + 1}");
    }

    private protected override string LabelAdvice(SchemaShape.Column label) =>
        $"mlContext.Transforms.Conversion.MapValueToKey(\"{label.Name}\")";

    private protected override TorchMaximumEntropyTransformer CreateTransformer(TrainedModel model, DataViewSchema inputSchema) =>
        new(MLNetInternals.MulticlassTransformer(
            Environment, model.Weights, inputSchema, _options.FeatureColumnName, _options.LabelColumnName), model.History);

    /// <summary>The options of a <see cref="TorchMaximumEntropyTrainer"/>.</summary>
    /// <example>
    /// <code>
    /// var options = new TorchMaximumEntropyTrainer.Options
    /// {
    ///     LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.3, patience: 2),
    ///     EarlyStopping = new EarlyStopping { Patience = 8 },
    ///     ValidationFraction = 0.2,
    /// };
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(options));
    /// var trained = pipeline.Fit(trainData);
    /// </code>
    /// </example>
    public sealed class Options : LinearTrainerOptions
    {
        /// <summary>What training makes small. Default: the cross-entropy, without label smoothing.</summary>
        public MulticlassLoss Loss { get; set; } = MulticlassLoss.CrossEntropy();

        internal override Loss TrainingLoss => Loss;

        internal override IReadOnlyList<Metric> ValidationMetrics => MulticlassScores.Metrics;

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
    }
}
