using Microsoft.Extensions.Configuration;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains a linear multiclass classifier (multinomial logistic regression) by minibatch gradient descent with a scheduled learning rate.
/// Minimises <c>mean of weight · loss(W · features + b, label) + λ₂/2 · ‖W‖² + λ₁ · ‖W‖₁</c>. The loss is the cross-entropy of the softmax
/// of the scores.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label is a key (<c>MapValueToKey</c>); the example weight is <see cref="float"/>; the features are a known-size vector of
/// <see cref="float"/>, dense or sparse. The trainer standardises the features itself (<see cref="LinearTrainerOptions.Standardize"/>), so
/// that the pipeline needs no normaliser. Output: "Score", a vector of <see cref="float"/> with the probability of each class, whose slot
/// names are the classes; and "PredictedLabel", a key like the label.
/// </para>
/// <para>
/// The weights start at zero. The bias of each class starts at the logarithm of the weighted proportion of that class, or at zero without
/// Standardize.
/// </para>
/// </remarks>
public sealed class TorchMaximumEntropyTrainer : LinearTrainerBase<
    TorchMaximumEntropyTransformer, MulticlassPredictionTransformer<MaximumEntropyModelParameters>, MaximumEntropyModelParameters>
{
    private readonly Options _options;

    internal TorchMaximumEntropyTrainer(IHostEnvironment environment, Options options, IEstimator<ITransformer> schemaPeer)
        : base(environment, nameof(TorchMaximumEntropyTrainer), options, schemaPeer) => _options = options;

    /// <summary>Trains a model that starts from the weights of another model (warm start).</summary>
    /// <param name="trainData">The training rows, read once.</param>
    /// <param name="validationData">
    /// The validation rows, or null. See <see cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)"/>.
    /// </param>
    /// <param name="initial">
    /// A linear model with the same classes and the same number of features, from this trainer or one of ML.NET's own. If both the model
    /// and the label have class names, classes are matched by name; otherwise they must be in the same order.
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
        /// <summary>The loss that training minimises. Default: the cross-entropy, without label smoothing.</summary>
        public MulticlassLoss Loss { get; set; } = MulticlassLoss.CrossEntropy();

        internal override Loss TrainingLoss => Loss;

        internal override IReadOnlyList<Metric> ValidationMetrics => MulticlassScores.Metrics;

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
    }
}
