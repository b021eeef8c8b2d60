using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A metric that training measures once per epoch. A schedule can watch it.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum Metric
{
    /// <summary>
    /// The mean loss over the training rows. The loss of each row is measured when its minibatch is trained on. The logistic loss and the
    /// cross-entropy are in nats. Lower is better.
    /// </summary>
    TrainingLoss,

    /// <summary>
    /// The mean loss over the validation rows after the epoch. The logistic loss and the cross-entropy are in nats. Lower is better.
    /// </summary>
    ValidationLoss,

    /// <summary>√(mean of (label − score)²) over the validation rows. Lower is better.</summary>
    RootMeanSquaredError,

    /// <summary>Mean of |label − score| over the validation rows. Lower is better.</summary>
    MeanAbsoluteError,

    /// <summary>R², the coefficient of determination, over the validation rows. Higher is better.</summary>
    RSquared,

    /// <summary>
    /// Mean of −log(probability of the true class) over the validation rows, as in ML.NET's <c>Evaluate</c>: in bits (base 2) for binary
    /// classification, in nats (natural logarithm) for multiclass classification. A bit is ln 2 = 0.693 nats. Lower is better.
    /// </summary>
    LogLoss,

    /// <summary>
    /// The area under the receiver operating characteristic over the validation rows: the proportion of pairs of a true row and a false
    /// row in which the true row has the higher score. Higher is better.
    /// </summary>
    AreaUnderRocCurve,

    /// <summary>The proportion of validation rows that are predicted correctly, in binary classification. Higher is better.</summary>
    Accuracy,

    /// <summary>
    /// The harmonic mean of precision and recall over the validation rows; 0 if no true row is predicted true, as in ML.NET. Higher is
    /// better.
    /// </summary>
    F1Score,

    /// <summary>The proportion of validation rows that are predicted correctly, in multiclass classification. Higher is better.</summary>
    MicroAccuracy,

    /// <summary>
    /// The mean, over the classes, of the proportion of the validation rows of a class that are predicted correctly. Higher is better.
    /// </summary>
    MacroAccuracy,
}

/// <summary>Extension methods that return properties of a <see cref="Metric"/>.</summary>
/// <example>
/// <code>
/// Console.WriteLine(Metric.RSquared.HigherIsBetter());   // True
/// </code>
/// </example>
public static class MetricExtensions
{
    /// <summary>Whether a higher value of the metric is better.</summary>
    /// <param name="metric">The metric.</param>
    public static bool HigherIsBetter(this Metric metric) => metric is
        Metric.RSquared or Metric.AreaUnderRocCurve or Metric.Accuracy or Metric.F1Score or Metric.MicroAccuracy or Metric.MacroAccuracy;

    /// <summary>Whether the metric needs validation rows.</summary>
    /// <param name="metric">The metric.</param>
    public static bool NeedsValidation(this Metric metric) => metric is not Metric.TrainingLoss;

    /// <summary>The usual short name, for logs and reports.</summary>
    internal static string ShortName(this Metric metric) => metric switch
    {
        Metric.TrainingLoss => "loss",
        Metric.ValidationLoss => "validation",
        Metric.RootMeanSquaredError => "RMSE",
        Metric.MeanAbsoluteError => "MAE",
        Metric.RSquared => "R²",
        Metric.LogLoss => "log-loss",
        Metric.AreaUnderRocCurve => "AUC",
        Metric.Accuracy => "accuracy",
        Metric.F1Score => "F1",
        Metric.MicroAccuracy => "micro-accuracy",
        Metric.MacroAccuracy => "macro-accuracy",
        _ => metric.ToString(),
    };

    /// <summary>The unit of a log-loss; null for other metrics.</summary>
    internal static string? Unit(this Metric metric, bool isMulticlass) =>
        metric != Metric.LogLoss ? null : isMulticlass ? "nats" : "bits";
}
