using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Reports each epoch to ML.NET's log, to the meter and to the user's progress.</summary>
/// <param name="channel">Receives the log.</param>
/// <param name="trainer">The name of the trainer.</param>
/// <param name="monitored">The metric that the log shows besides the losses.</param>
/// <param name="user">The user's progress; null for none.</param>
internal sealed class TrainingObserver(IChannel channel, string trainer, Metric monitored, IProgress<TrainingProgress>? user)
    : IProgress<TrainingProgress>
{
    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        channel.Info(MessageSensitivity.None, "{0}", EpochText.Of(value.Epoch, value.NumberOfEpochs, monitored));
        TrainingMeter.Record(trainer, value);
        user?.Report(value);
    }
}
