namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>What is measured once an epoch, and what a schedule may watch.</summary>
public enum Metric
{
    /// <summary>The loss over the training rows, each at the moment its minibatch was trained on. Lower is better.</summary>
    TrainingLoss,

    /// <summary>The loss over the validation rows after the epoch. Lower is better.</summary>
    ValidationLoss,

    /// <summary>√(mean of (label − score)²) over the validation rows. Lower is better.</summary>
    RootMeanSquaredError,

    /// <summary>Mean of |label − score| over the validation rows. Lower is better.</summary>
    MeanAbsoluteError,

    /// <summary>R², the coefficient of determination, over the validation rows. Higher is better.</summary>
    RSquared,
}

/// <summary>What is known of each <see cref="Metric"/>.</summary>
public static class MetricExtensions
{
    /// <summary>Whether a larger value of the metric is a better one.</summary>
    /// <param name="metric">The metric.</param>
    public static bool HigherIsBetter(this Metric metric) => metric is Metric.RSquared;

    /// <summary>Whether the metric can only be had from validation rows.</summary>
    /// <param name="metric">The metric.</param>
    public static bool NeedsValidation(this Metric metric) => metric is not Metric.TrainingLoss;
}
