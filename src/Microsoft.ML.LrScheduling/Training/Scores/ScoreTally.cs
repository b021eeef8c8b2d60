using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What is known of the scores of a model while its rows pass.</summary>
internal abstract class ScoreTally
{
    /// <summary>The sum of the losses of the rows, each times its weight.</summary>
    public double LossSum { get; set; }

    /// <summary>Adds rows: all at once where each has one score.</summary>
    /// <param name="rows">The set that they are of.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="scores">Their scores, row-major.</param>
    public abstract void Add(TrainingSet rows, int first, ReadOnlySpan<float> scores);

    /// <summary>The metrics; one that is not defined for the rows is left out.</summary>
    /// <param name="rowCount">The rows.</param>
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
