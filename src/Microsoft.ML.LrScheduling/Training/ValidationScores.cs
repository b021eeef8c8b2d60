using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The metrics of a task, by ML.NET's definitions: rows count alike, whatever their example weights, which the loss alone counts.
/// </summary>
internal abstract class ValidationScores(Loss loss)
{
    /// <summary>The metrics of a model.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="weights">The model.</param>
    /// <param name="scores">Receives its scores; made longer where it is too short.</param>
    public ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, LinearWeights weights, ref float[] scores)
    {
        var length = checked(rows.RowCount * weights.OutputCount);
        if (scores.Length < length) scores = new float[length];
        weights.Score(rows, scores);
        return Measure(rows, scores.AsSpan(0, length));
    }

    /// <summary>The metrics of the scores of some rows; one that is not defined for them is left out.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="scores">Row-major, rows · outputs.</param>
    public ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, ReadOnlySpan<float> scores)
    {
        var outputs = scores.Length / rows.RowCount;
        var lossSum = 0.0;
        for (var row = 0; row < rows.RowCount; row++)
            lossSum += rows.Weight(row) * loss.Value(scores.Slice(row * outputs, outputs), rows.Label(row));

        var metrics = ImmutableSortedDictionary.CreateBuilder<Metric, double>();
        metrics.Add(Metric.ValidationLoss, lossSum / rows.RowCount);
        AddMetrics(rows, scores, metrics);
        return metrics.ToImmutable();
    }

    /// <summary>
    /// The metrics that are not defined for some rows, whatever a model scores them: those that compare rows of different labels, where all
    /// labels are the same.
    /// </summary>
    /// <param name="rows">The rows, at least one.</param>
    public IEnumerable<Metric> Undefined(TrainingSet rows) => rows.HasOneLabel ? OfDifferentLabels : [];

    /// <summary>The metrics that compare rows of different labels.</summary>
    private protected abstract IReadOnlyList<Metric> OfDifferentLabels { get; }

    private protected abstract void AddMetrics(
        TrainingSet rows, ReadOnlySpan<float> scores, ImmutableSortedDictionary<Metric, double>.Builder metrics);
}
