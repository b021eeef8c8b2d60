using System.ComponentModel;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Ends training when a metric has stopped improving: after <see cref="Patience"/> consecutive epochs that are not better than the best
/// epoch.
/// </summary>
/// <remarks>
/// An epoch is better if its metric is below the best metric by more than <see cref="MinimumChange"/>, or above it if higher is better. A
/// metric that is NaN, infinite or not defined for the validation rows never counts as better. For example, the area under the ROC curve
/// is not defined for rows of one class, and R² is not defined if all labels are equal. If no epoch is better, training ends after
/// <see cref="Patience"/> epochs with the model of the last epoch. You can combine early stopping with a schedule that watches the same
/// metric: give the schedule the smaller patience. Source: Keras' <c>EarlyStopping</c>.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options
/// {
///     ValidationFraction = 0.2,
///     EarlyStopping = new EarlyStopping { Patience = 5 },
/// };
/// var history = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(trainData).History;
/// Console.WriteLine($"{history.StopReason}, best epoch {history.BestEpoch}");
/// </code>
/// </example>
[TypeConverter(typeof(SettingsConverter))]
public sealed record EarlyStopping
{
    /// <summary>The metric to watch; null (the default) for the trainer's MonitoredMetric.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Metric"/>.</exception>
    public Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, "metric") : null; }

    /// <summary>The number of consecutive epochs without improvement after which training ends, at least 1. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Patience { get; init => field = Argument.AtLeast(value, 1, "patience"); } = 10;

    /// <summary>The change that a metric must exceed to count as an improvement, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double MinimumChange { get; init => field = Argument.NonNegative(value, "minimumChange"); }

    /// <summary>Whether the model has the weights of the best epoch (the default) or of the last epoch.</summary>
    public bool RestoreBestWeights { get; init; } = true;

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);
}
