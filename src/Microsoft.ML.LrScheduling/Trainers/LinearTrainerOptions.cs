using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The options that all trainers share. A trainer takes a copy when it is made, and checks it.</summary>
public abstract class LinearTrainerOptions
{
    private protected LinearTrainerOptions()
    {
    }

    /// <summary>The column to predict. Default: "Label".</summary>
    public string LabelColumnName { get; set; } = Defaults.LabelColumnName;

    /// <summary>The column of features, a known-size vector of <see cref="float"/>. Default: "Features".</summary>
    public string FeatureColumnName { get; set; } = Defaults.FeatureColumnName;

    /// <summary>
    /// The column of example weights, <see cref="float"/>, each in [0, ∞); null (the default) weighs all rows alike. Weights are divided by their
    /// mean, so that only how they compare counts.
    /// </summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>The passes over the training rows, at least 1. Default: 20.</summary>
    public int NumberOfEpochs { get; set; } = Defaults.NumberOfEpochs;

    /// <summary>The rows of a minibatch, at least 1; the last one of an epoch may have fewer. Default: 32.</summary>
    public int BatchSize { get; set; } = Defaults.BatchSize;

    /// <summary>The initial learning rate, in (0, ∞). Default: 0.01.</summary>
    public double LearningRate { get; set; } = Defaults.LearningRate;

    /// <summary>The initial learning rate of the bias, in (0, ∞); null (the default) for the same as <see cref="LearningRate"/>.</summary>
    public double? BiasLearningRate { get; set; }

    /// <summary>
    /// How the learning rate changes; null (the default) keeps it constant. The parameter groups are the weights and the bias, in this order.
    /// </summary>
    public LrSchedule? LearningRateSchedule { get; set; }

    /// <summary>The metric that a schedule watches which watches one and does not name it. Default: <see cref="Metric.ValidationLoss"/>.</summary>
    public Metric MonitoredMetric { get; set; } = Metric.ValidationLoss;

    /// <summary>How a gradient becomes an update. Default: SGD without momentum.</summary>
    public Optimizer Optimizer { get; set; } = Optimizer.Sgd();

    /// <summary>λ in [0, ∞) of the penalty λ/2 · ‖weights‖², which the bias is free of. Default: 0.</summary>
    public double L2Regularization { get; set; }

    /// <summary>Whether each epoch visits the rows in a new random order (the default) or in that of the data.</summary>
    public bool Shuffle { get; set; } = true;

    /// <summary>
    /// What the order of rows and the choice of validation rows follow from: the same seed gives the same model. Null (the default) draws it
    /// from the <see cref="MLContext"/>, which has a seed of its own.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>
    /// The part of the rows, in [0, 1), that is held back for validation when <c>Fit</c> is given no validation data. Default: 0.
    /// </summary>
    public double ValidationFraction { get; set; }

    /// <summary>Told of each epoch, on the thread that trains; null (the default) for nobody.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends training within one minibatch, with <see cref="OperationCanceledException"/>. Default: never.</summary>
    public CancellationToken CancellationToken { get; set; }

    internal double[] LearningRates => [LearningRate, BiasLearningRate ?? LearningRate];

    /// <summary>A copy of options that hold.</summary>
    /// <exception cref="ArgumentException">An option does not hold; the message names it, its value and what is allowed.</exception>
    internal LinearTrainerOptions CheckedCopy()
    {
        Argument.ColumnName(LabelColumnName, nameof(LabelColumnName));
        Argument.ColumnName(FeatureColumnName, nameof(FeatureColumnName));
        if (ExampleWeightColumnName is not null) Argument.ColumnName(ExampleWeightColumnName, nameof(ExampleWeightColumnName));
        ArgumentNullException.ThrowIfNull(Optimizer);
        Argument.AtLeast(NumberOfEpochs, 1, nameof(NumberOfEpochs));
        Argument.AtLeast(BatchSize, 1, nameof(BatchSize));
        Argument.Positive(LearningRate, nameof(LearningRate));
        if (BiasLearningRate is { } biasRate) Argument.Positive(biasRate, nameof(BiasLearningRate));
        Argument.Defined(MonitoredMetric, nameof(MonitoredMetric));
        Argument.NonNegative(L2Regularization, nameof(L2Regularization));
        Argument.FractionOrZero(ValidationFraction, nameof(ValidationFraction));
        try
        {
            // A schedule that fits no run at all is refused now; whether it fits this one is known once the rows are counted.
            LearningRateSchedule?.Watching(MonitoredMetric).ForRun(1, 1).Start(LearningRates);
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException($"{nameof(LearningRateSchedule)} cannot be started: {e.Message}", nameof(LearningRateSchedule), e);
        }

        return (LinearTrainerOptions)MemberwiseClone();
    }
}
