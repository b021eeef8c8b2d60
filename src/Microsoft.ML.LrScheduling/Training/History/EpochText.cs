using System.Globalization;
using System.Text;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Formats an epoch as a line of text: <c>epoch 3/20: rate 0.01, loss 0.1235, validation 0.1312, RMSE 0.362, 0.012 s</c>.
/// </summary>
internal static class EpochText
{
    /// <summary>Returns the line of an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="numberOfEpochs">The number of epochs in the run; null if it is not known.</param>
    /// <param name="monitored">The metric to show besides the losses; null for all metrics that were measured.</param>
    public static string Of(EpochRecord epoch, int? numberOfEpochs = null, Metric? monitored = null)
    {
        var invariant = CultureInfo.InvariantCulture;
        var line = new StringBuilder();
        line.Append(invariant, $"epoch {epoch.Epoch}");
        if (numberOfEpochs is { } all) line.Append(invariant, $"/{all}");
        var rate = epoch.LearningRates is [var first, ..] ? first : double.NaN;
        line.Append(invariant, $": rate {Number(rate, "G3")}, loss {Number(epoch.TrainingLoss, "G4")}");
        if (epoch[Metric.ValidationLoss] is { } validation) line.Append(invariant, $", validation {Number(validation, "G4")}");
        foreach (var (metric, value) in epoch.ValidationMetrics)
            if (metric != Metric.ValidationLoss && (monitored is null || metric == monitored))
                line.Append(invariant, $", {metric.ShortName()} {Number(value, "G3")}{Unit(metric, epoch)}");
        var seconds = epoch.Duration.TotalSeconds;
        return line.Append(", ").Append(seconds.ToString(seconds < 100 ? "F3" : "F0", invariant)).Append(" s").ToString();
    }

    // .NET writes exponents with at least two digits; the leading zero is removed.
    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture)
        .Replace("E-0", "E-", StringComparison.Ordinal).Replace("E+0", "E+", StringComparison.Ordinal);

    // Only a multiclass classification measures the micro-accuracy, so it tells the task, on which the unit depends.
    private static string Unit(Metric metric, EpochRecord epoch) =>
        metric.Unit(isMulticlass: epoch.ValidationMetrics.ContainsKey(Metric.MicroAccuracy)) is { } unit ? $" {unit}" : "";
}
