using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The history of a training: a record per epoch, the reason why training ended, and the options. It is saved with the model;
/// <see cref="Load(string)"/> reads it from the model file.
/// </summary>
/// <example>
/// <code>
/// var trained = mlContext.Regression.Trainers.TorchLinearRegression(numberOfEpochs: 3).Fit(trainData);
/// mlContext.Model.Save(trained, trainData.Schema, "model.zip");
/// var history = TrainingHistory.Load("model.zip");
/// Console.WriteLine(history.Epochs.Count);   // 3
/// </code>
/// </example>
public sealed partial record TrainingHistory
{
    internal TrainingHistory()
    {
    }

    /// <summary>The records of the epochs, in order.</summary>
    public required ValueList<EpochRecord> Epochs { get; init; }

    /// <summary>The reason why training ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>
    /// The epoch with the best value of the watched metric, from 1. Null if training watches no metric, neither for
    /// <see cref="EarlyStopping"/> nor for the best model of a cancelled training.
    /// </summary>
    public int? BestEpoch { get; init; }

    /// <summary>
    /// Where training diverged, with the loss and the learning rate, and what to try, as the message of
    /// <see cref="TrainingDivergedException"/>; null if it did not diverge, or for a file from an earlier version.
    /// </summary>
    public string? Divergence { get; init; }

    /// <summary>The number of training rows; null for a file from an earlier version that does not contain it.</summary>
    public int? TrainingRowCount { get; init; }

    /// <summary>
    /// The number of validation rows, 0 if there are none; null for a file from an earlier version that does not contain it.
    /// </summary>
    public int? ValidationRowCount { get; init; }

    /// <summary>The type of the trainer; empty if it is not known.</summary>
    public string Trainer { get; init; } = "";

    /// <summary>
    /// The options of the trainer as JSON, which the <c>FromJson</c> method of its <c>Options</c> reads; empty if they are not known.
    /// </summary>
    public string Options { get; init; } = "";

    /// <summary>
    /// The learning rate schedule of the options. Null if there is none, or if the history was loaded and the schedule cannot be saved
    /// because it contains a delegate; <see cref="ScheduleText"/> then describes it.
    /// </summary>
    public LrSchedule? Schedule { get; init; }

    /// <summary>The learning rate schedule as text; null if the options have none.</summary>
    public string? ScheduleText { get; init; }

    /// <summary>
    /// The learning rate schedule of the bias as text; null if it is the same as for the weights, or if a file does not contain it.
    /// </summary>
    public string? BiasScheduleText { get; init; }

    /// <summary>Returns the trainer, the schedule, the reason why training ended, and the last epoch, on one line.</summary>
    public override string ToString()
    {
        var who = string.Join(", ", new[] { Trainer, ScheduleText }.Where(text => !string.IsNullOrEmpty(text)));
        var best = BestEpoch is { } epoch ? $", the best is {epoch}" : "";
        var last = Epochs is [.., var record] ? $"; {record}" : "";
        return $"{(who.Length > 0 ? who : nameof(TrainingHistory))}: {StopReason} after {Quantity.Of(Epochs.Count, "epoch")}{best}{last}";
    }
}

/// <summary>The record of one epoch of training.</summary>
public sealed record EpochRecord
{
    [JsonConstructor]
    internal EpochRecord()
    {
    }

    /// <summary>The number of the epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>
    /// The learning rate of each parameter group (weights, bias) in the epoch. If the schedule steps by minibatch, it is the rate in the
    /// last minibatch.
    /// </summary>
    public required ValueList<double> LearningRates { get; init; }

    /// <summary>
    /// All rates of the epoch if the schedule steps by minibatch: <c>[minibatch · groups + group]</c>. Empty if the rates do not change
    /// within an epoch.
    /// </summary>
    public required ValueList<double> BatchLearningRates { get; init; }

    /// <summary>The mean loss over the training rows. The loss of each row is measured when its minibatch is trained on.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>
    /// The metrics over the validation rows after the epoch; empty if there are no validation rows. A metric that is not defined is
    /// omitted, such as R² if all labels are equal.
    /// </summary>
    public required MetricDictionary ValidationMetrics { get; init; }

    /// <summary>The duration of the epoch, including validation.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The value of a metric in this epoch; null if the metric was not measured.</summary>
    /// <param name="metric">The metric.</param>
    public double? this[Metric metric] =>
        metric == Metric.TrainingLoss ? TrainingLoss : ValidationMetrics.TryGetValue(metric, out var value) ? value : null;

    /// <summary>Whether both records have the same values.</summary>
    /// <param name="other">The other record.</param>
    public bool Equals(EpochRecord? other) => other is not null
        && Epoch == other.Epoch
        && LearningRates == other.LearningRates
        && BatchLearningRates == other.BatchLearningRates
        && TrainingLoss.Equals(other.TrainingLoss)
        && ValidationMetrics.SequenceEqual(other.ValidationMetrics)
        && Duration == other.Duration;

    /// <summary>Returns the epoch, the rate of the weights, the losses, the metrics and the time, on one line.</summary>
    public override string ToString() => EpochText.Of(this);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Epoch, LearningRates, TrainingLoss, Duration);
}

/// <summary>The reason why training ended.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum StopReason
{
    /// <summary>All epochs were trained.</summary>
    Completed,

    /// <summary>The watched metric stopped improving: see <see cref="EarlyStopping"/>.</summary>
    EarlyStopped,

    /// <summary>Training was cancelled, and the options asked for the best model so far (<c>CancellationMode.ReturnBest</c>).</summary>
    Cancelled,

    /// <summary>A sweep stopped the trial early because other trials were better after the same number of epochs.</summary>
    Pruned,

    /// <summary>
    /// The loss or a weight became NaN or infinite, or the loss became too large: see <see cref="TrainingDivergedException"/>.
    /// </summary>
    Diverged,

    /// <summary>A trial of a sweep could not be trained because of its options or its schedule. The sweep gives the reason.</summary>
    Failed,
}
