using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Accumulates the metrics of a model over the validation rows.</summary>
internal abstract class ScoreTally
{
    /// <summary>The weighted sum of the losses of the rows.</summary>
    public double LossSum { get; set; }

    /// <summary>Adds rows. If each row has one score, a single call adds all rows.</summary>
    /// <param name="rows">The set that contains the rows.</param>
    /// <param name="first">The index of the first row.</param>
    /// <param name="scores">The scores of the rows, row-major.</param>
    public abstract void Add(TrainingSet rows, int first, ReadOnlySpan<float> scores);

    /// <summary>Returns the metrics, without those that are not defined for the rows.</summary>
    /// <param name="rowCount">The number of rows.</param>
    public ImmutableSortedDictionary<Metric, double> Metrics(int rowCount)
    {
        var metrics = ImmutableSortedDictionary.CreateBuilder<Metric, double>();
        metrics.Add(Metric.ValidationLoss, LossSum / rowCount);
        AddTo(metrics, rowCount);
        return metrics.ToImmutable();
    }

    /// <summary>Adds the metrics of the task.</summary>
    private protected abstract void AddTo(ImmutableSortedDictionary<Metric, double>.Builder metrics, int rowCount);
}
