using System.Globalization;
using System.Text;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Tells of each epoch wherever somebody may listen: a line in ML.NET's log, the meter, the user's own progress.</summary>
internal sealed class TrainingObserver(IChannel channel, string trainer, IProgress<TrainingProgress>? user) : IProgress<TrainingProgress>
{
    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        channel.Info(MessageSensitivity.None, "{0}", Describe(value));
        TrainingMeter.Record(trainer, value);
        user?.Report(value);
    }

    private static string Describe(TrainingProgress progress)
    {
        var (epoch, line) = (progress.Epoch, new StringBuilder());
        line.Append(CultureInfo.InvariantCulture, $"epoch {epoch.Epoch}/{progress.NumberOfEpochs}: training loss {epoch.TrainingLoss:G5}");
        foreach (var (metric, value) in epoch.ValidationMetrics)
            line.Append(CultureInfo.InvariantCulture, $", {(metric == Metric.ValidationLoss ? "validation loss" : metric)} {value:G5}");
        line.Append(CultureInfo.InvariantCulture, $"; learning rate {epoch.LearningRates[0]:G5}");
        if (epoch.LearningRates[1] != epoch.LearningRates[0])
            line.Append(CultureInfo.InvariantCulture, $" (bias {epoch.LearningRates[1]:G5})");
        line.Append(CultureInfo.InvariantCulture, $"; {epoch.Duration.TotalSeconds:F3} s, {progress.RowsPerSecond:N0} rows/s");
        return line.ToString();
    }
}
