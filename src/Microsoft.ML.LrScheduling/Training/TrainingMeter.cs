using System.Diagnostics.Metrics;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The metrics of the meter "Microsoft.ML.LrScheduling", for <c>dotnet-counters</c>, OpenTelemetry and similar tools. Each value has a tag
/// with the trainer.
/// </summary>
internal static class TrainingMeter
{
    private static readonly Meter Meter = new("Microsoft.ML.LrScheduling");

    private static readonly Gauge<double> TrainingLoss = Meter.CreateGauge<double>(
        "lrscheduling.training.loss", description: "The mean loss of the last epoch.");

    private static readonly Gauge<double> ValidationLoss =
        Meter.CreateGauge<double>(
            "lrscheduling.validation.loss", description: "The mean loss over the validation rows after the last epoch.");

    private static readonly Gauge<double> LearningRate = Meter.CreateGauge<double>(
        "lrscheduling.training.learning_rate", description: "The learning rate of a parameter group (weights, bias) in the last epoch.");

    private static readonly Gauge<double> Throughput =
        Meter.CreateGauge<double>(
            "lrscheduling.training.throughput", unit: "{row}/s", description: "Training rows a second in the last epoch.");

    private static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "lrscheduling.training.rows", unit: "{row}", description: "Training rows visited.");

    /// <summary>Records an epoch.</summary>
    public static void Record(string trainer, TrainingProgress progress)
    {
        var tag = new KeyValuePair<string, object?>("trainer", trainer);
        TrainingLoss.Record(progress.Epoch.TrainingLoss, tag);
        if (progress.Epoch[Metric.ValidationLoss] is { } loss) ValidationLoss.Record(loss, tag);
        LearningRate.Record(progress.Epoch.LearningRates[ILinearEngine.WeightGroup], tag, new("group", "weights"));
        LearningRate.Record(progress.Epoch.LearningRates[ILinearEngine.BiasGroup], tag, new("group", "bias"));
        Throughput.Record(progress.RowsPerSecond, tag);
        Rows.Add(progress.TrainingRows, tag);
    }
}
