using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What happened in training: a record an epoch, and why it ended.</summary>
public sealed record TrainingHistory
{
    internal TrainingHistory(ImmutableArray<EpochRecord> epochs, StopReason stopReason) => (Epochs, StopReason) = (epochs, stopReason);

    /// <summary>The epochs, in order.</summary>
    public ImmutableArray<EpochRecord> Epochs { get; }

    /// <summary>Why training ended.</summary>
    public StopReason StopReason { get; }
}

/// <summary>One epoch of training.</summary>
public sealed record EpochRecord
{
    internal EpochRecord()
    {
    }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>
    /// The learning rate of each parameter group (weights, bias) in the epoch; with a schedule that steps by minibatch, in its last one.
    /// </summary>
    public required ImmutableArray<double> LearningRates { get; init; }

    /// <summary>
    /// Every rate of the epoch where the schedule steps by minibatch: <c>[minibatch · groups + group]</c>; empty where the rates stay the same
    /// throughout an epoch.
    /// </summary>
    public required ImmutableArray<double> BatchLearningRates { get; init; }

    /// <summary>The mean loss over the training rows, each at the moment its minibatch was trained on.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>
    /// The metrics over the validation rows after the epoch; empty where there are none. R² is left out where all labels are equal.
    /// </summary>
    public required ImmutableSortedDictionary<Metric, double> ValidationMetrics { get; init; }

    /// <summary>The time the epoch took, validation included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The value of a metric in this epoch; null where it was not measured.</summary>
    /// <param name="metric">The metric.</param>
    public double? this[Metric metric] =>
        metric == Metric.TrainingLoss ? TrainingLoss : ValidationMetrics.TryGetValue(metric, out var value) ? value : null;
}

/// <summary>Why training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs were trained.</summary>
    Completed,

    /// <summary>The loss or a weight became NaN or infinite.</summary>
    Diverged,
}
