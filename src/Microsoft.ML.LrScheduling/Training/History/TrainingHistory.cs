using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// What happened in training: a record an epoch, why it ended, and what was asked for. A saved model carries it;
/// <see cref="Load(string)"/> reads it there.
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

    /// <summary>The epochs, in order.</summary>
    public required ValueList<EpochRecord> Epochs { get; init; }

    /// <summary>Why training ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>
    /// The epoch with the best watched metric, from 1; null where none is watched, by <see cref="EarlyStopping"/> or for the best model
    /// of cancelled training.
    /// </summary>
    public int? BestEpoch { get; init; }

    /// <summary>The training rows; null where a file of an earlier version does not say.</summary>
    public int? TrainingRowCount { get; init; }

    /// <summary>The validation rows, 0 where there are none; null where a file of an earlier version does not say.</summary>
    public int? ValidationRowCount { get; init; }

    /// <summary>The kind of trainer; empty where none says.</summary>
    public string Trainer { get; init; } = "";

    /// <summary>The trainer's options as JSON, which the <c>FromJson</c> of its <c>Options</c> reads; empty where none says.</summary>
    public string Options { get; init; } = "";

    /// <summary>
    /// The learning-rate schedule, as it was given; null where none was, or where a loaded history had one that no file can hold, of
    /// which <see cref="ScheduleText"/> tells.
    /// </summary>
    public LrSchedule? Schedule { get; init; }

    /// <summary>The learning-rate schedule as text; null where none was given.</summary>
    public string? ScheduleText { get; init; }

    /// <summary>The learning-rate schedule of the bias as text; null where it was that of the weights, or a file does not say.</summary>
    public string? BiasScheduleText { get; init; }

    /// <summary>The trainer, the schedule, why training ended, and the last epoch, in a line.</summary>
    public override string ToString()
    {
        var who = string.Join(", ", new[] { Trainer, ScheduleText }.Where(text => !string.IsNullOrEmpty(text)));
        var best = BestEpoch is { } epoch ? $", the best is {epoch}" : "";
        var last = Epochs is [.., var record] ? $"; {record}" : "";
        return $"{(who.Length > 0 ? who : nameof(TrainingHistory))}: {StopReason} after {Quantity.Of(Epochs.Count, "epoch")}{best}{last}";
    }
}

/// <summary>One epoch of training.</summary>
public sealed record EpochRecord
{
    [JsonConstructor]
    internal EpochRecord()
    {
    }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>
    /// The learning rate of each parameter group (weights, bias) in the epoch; with a schedule that steps by minibatch, in its last one.
    /// </summary>
    public required ValueList<double> LearningRates { get; init; }

    /// <summary>
    /// Every rate of the epoch where the schedule steps by minibatch: <c>[minibatch · groups + group]</c>; empty where the rates stay
    /// the same throughout an epoch.
    /// </summary>
    public required ValueList<double> BatchLearningRates { get; init; }

    /// <summary>The mean loss over the training rows, each at the moment its minibatch was trained on.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>
    /// The metrics over the validation rows after the epoch; empty where there are none. One that is not defined, as R² is where all
    /// labels are equal, is left out.
    /// </summary>
    public required MetricDictionary ValidationMetrics { get; init; }

    /// <summary>The time the epoch took, validation included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The value of a metric in this epoch; null where it was not measured.</summary>
    /// <param name="metric">The metric.</param>
    public double? this[Metric metric] =>
        metric == Metric.TrainingLoss ? TrainingLoss : ValidationMetrics.TryGetValue(metric, out var value) ? value : null;

    /// <summary>Whether both hold the same values.</summary>
    /// <param name="other">The other record.</param>
    public bool Equals(EpochRecord? other) => other is not null
        && Epoch == other.Epoch
        && LearningRates == other.LearningRates
        && BatchLearningRates == other.BatchLearningRates
        && TrainingLoss.Equals(other.TrainingLoss)
        && ValidationMetrics.SequenceEqual(other.ValidationMetrics)
        && Duration == other.Duration;

    /// <summary>The epoch, the rate of the weights, the losses, the metrics and the time, in a line.</summary>
    public override string ToString() => EpochText.Of(this);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Epoch, LearningRates, TrainingLoss, Duration);
}

/// <summary>Why training ended.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum StopReason
{
    /// <summary>All epochs were trained.</summary>
    Completed,

    /// <summary>The watched metric had stopped improving: see <see cref="EarlyStopping"/>.</summary>
    EarlyStopped,

    /// <summary>Training was cancelled, and the best model so far was asked for.</summary>
    Cancelled,

    /// <summary>A sweep left it because others did better after as many epochs.</summary>
    Pruned,

    /// <summary>The loss or a weight became NaN or infinite, or the loss exploded: see <see cref="TrainingDivergedException"/>.</summary>
    Diverged,

    /// <summary>A trial of a sweep could not be trained, by a fault of its own: the sweep tells which.</summary>
    Failed,
}
