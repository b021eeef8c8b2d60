using System.ComponentModel;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Ends training once a metric has stopped improving: after <see cref="Patience"/> epochs in a row that are no better than the best one.
/// </summary>
/// <remarks>
/// An epoch is better where its metric is by more than <see cref="MinimumChange"/> below (or, of one that is to rise, above) the best. A
/// metric that is NaN, infinite or not defined for the rows (the area under the curve of rows of one class, R² of labels that are all
/// equal) is no better than any other: training ends after <see cref="Patience"/> such epochs, and where there never was a better one, with
/// the model of the last. F1 while nothing is predicted true is 0. It goes together with a schedule that watches the same metric: give the
/// plateau the smaller patience. Source: Keras' <c>EarlyStopping</c>.
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

    /// <summary>The epochs in a row without a better metric after which training ends, at least 1. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Patience { get; init => field = Argument.AtLeast(value, 1, "patience"); } = 10;

    /// <summary>By how much a metric must be better to count, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double MinimumChange { get; init => field = Argument.NonNegative(value, "minimumChange"); }

    /// <summary>Whether the model is that of the best epoch (the default), or that of the last one.</summary>
    public bool RestoreBestWeights { get; init; } = true;

    /// <summary>The type, and the settings that are not at their defaults, in a line.</summary>
    public override string ToString() => PropertyText.Of(this);
}
