using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Tells of each epoch wherever somebody may listen: a line in ML.NET's log, the meter, the user's own progress.</summary>
/// <param name="channel">Where the log goes.</param>
/// <param name="trainer">The name of the trainer.</param>
/// <param name="monitored">The metric that the log tells beside the losses.</param>
/// <param name="user">The user's own progress.</param>
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
