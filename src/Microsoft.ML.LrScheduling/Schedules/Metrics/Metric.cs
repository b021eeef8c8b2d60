using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>What is measured once an epoch, and what a schedule may watch.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum Metric
{
    /// <summary>
    /// The loss over the training rows, each at the moment its minibatch was trained on; of the logistic loss and of cross-entropy in
    /// nats. Lower is better.
    /// </summary>
    TrainingLoss,

    /// <summary>
    /// The loss over the validation rows after the epoch; of the logistic loss and of cross-entropy in nats. Lower is better.
    /// </summary>
    ValidationLoss,

    /// <summary>√(mean of (label − score)²) over the validation rows. Lower is better.</summary>
    RootMeanSquaredError,

    /// <summary>Mean of |label − score| over the validation rows. Lower is better.</summary>
    MeanAbsoluteError,

    /// <summary>R², the coefficient of determination, over the validation rows. Higher is better.</summary>
    RSquared,

    /// <summary>
    /// Mean of −log(probability of the true class) over the validation rows, as ML.NET's <c>Evaluate</c> has it: to base 2, in bits, of
    /// a binary classification; natural, in nats, of a multiclass one. A bit is ln 2 = 0.693 nats. Lower is better.
    /// </summary>
    LogLoss,

    /// <summary>
    /// The area under the receiver operating characteristic over the validation rows: the share of pairs of a true and a false row whose
    /// true one has the higher score. Higher is better.
    /// </summary>
    AreaUnderRocCurve,

    /// <summary>The share of validation rows that are predicted right, of a binary classification. Higher is better.</summary>
    Accuracy,

    /// <summary>
    /// The harmonic mean of precision and recall over the validation rows; 0 where no true row is predicted so, as ML.NET has it. Higher is
    /// better.
    /// </summary>
    F1Score,

    /// <summary>The share of validation rows that are predicted right, of a multiclass classification. Higher is better.</summary>
    MicroAccuracy,

    /// <summary>The mean, over the classes, of the share of a class's validation rows that are predicted right. Higher is better.</summary>
    MacroAccuracy,
}

/// <summary>What is known of each <see cref="Metric"/>.</summary>
/// <example>
/// <code>
/// Console.WriteLine(Metric.RSquared.HigherIsBetter());   // True
/// </code>
/// </example>
public static class MetricExtensions
{
    /// <summary>Whether a larger value of the metric is a better one.</summary>
    /// <param name="metric">The metric.</param>
    public static bool HigherIsBetter(this Metric metric) => metric is
        Metric.RSquared or Metric.AreaUnderRocCurve or Metric.Accuracy or Metric.F1Score or Metric.MicroAccuracy or Metric.MacroAccuracy;

    /// <summary>Whether the metric can only be had from validation rows.</summary>
    /// <param name="metric">The metric.</param>
    public static bool NeedsValidation(this Metric metric) => metric is not Metric.TrainingLoss;

    /// <summary>What people call it.</summary>
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

    /// <summary>The unit of a log-loss; null of a metric that has none of its own.</summary>
    internal static string? Unit(this Metric metric, bool isMulticlass) =>
        metric != Metric.LogLoss ? null : isMulticlass ? "nats" : "bits";
}
