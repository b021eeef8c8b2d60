using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Measures the metrics of a task with the definitions of ML.NET: example weights count only in the loss, and not in other metrics.
/// </summary>
internal abstract class ValidationScores(Loss loss)
{
    // The maximum number of scores in memory if each row has several: 4 MB.
    private const int MostScores = 1 << 20;

    /// <summary>Returns the metrics of a model.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="weights">The model.</param>
    /// <param name="scores">A buffer for the scores. It is replaced by a longer one if it is too short.</param>
    public ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, LinearWeights weights, ref float[] scores)
    {
        var outputs = weights.OutputCount;
        // With one score per row, all scores are kept, because a metric may compare all rows. Many scores per row may exceed an array.
        var atOnce = outputs == 1 ? rows.RowCount : Math.Clamp(MostScores / outputs, 1, rows.RowCount);
        if (scores.Length < atOnce * outputs) scores = new float[atOnce * outputs];
        var tally = Begin(outputs);
        for (var first = 0; first < rows.RowCount; first += atOnce)
        {
            var count = Math.Min(atOnce, rows.RowCount - first);
            for (var i = 0; i < count; i++) weights.Score(rows, first + i, scores.AsSpan(i * outputs, outputs));
            Add(tally, rows, first, scores.AsSpan(0, count * outputs), outputs);
        }

        return tally.Metrics(rows.RowCount);
    }

    /// <summary>Returns the metrics of given scores, without those that are not defined for the rows.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="scores">The scores, row-major: rows · outputs.</param>
    public ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, ReadOnlySpan<float> scores)
    {
        var outputs = scores.Length / rows.RowCount;
        var tally = Begin(outputs);
        Add(tally, rows, first: 0, scores, outputs);
        return tally.Metrics(rows.RowCount);
    }

    /// <summary>
    /// Returns the metrics that are not defined for these rows, whatever the model is: those that compare rows of different labels, if all
    /// labels are the same.
    /// </summary>
    /// <param name="rows">The rows, at least one.</param>
    public IEnumerable<Metric> Undefined(TrainingSet rows) => rows.OnlyLabel is not null ? OfDifferentLabels : [];

    /// <summary>The metrics that compare rows of different labels.</summary>
    private protected abstract IReadOnlyList<Metric> OfDifferentLabels { get; }

    /// <summary>Creates an empty tally.</summary>
    /// <param name="outputs">The number of scores per row.</param>
    private protected abstract ScoreTally Begin(int outputs);

    private void Add(ScoreTally tally, TrainingSet rows, int first, ReadOnlySpan<float> scores, int outputs)
    {
        for (var i = 0; i < scores.Length / outputs; i++)
            tally.LossSum += rows.Weight(first + i) * loss.Value(scores.Slice(i * outputs, outputs), rows.Label(first + i));
        tally.Add(rows, first, scores);
    }
}
