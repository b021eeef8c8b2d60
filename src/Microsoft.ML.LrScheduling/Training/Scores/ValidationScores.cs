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
    // Of several scores a row: 4 MB.
    private const int MostScores = 1 << 20;

    /// <summary>The metrics of a model.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="weights">The model.</param>
    /// <param name="scores">Receives its scores, of some rows at a time; made longer where it is too short.</param>
    public ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, LinearWeights weights, ref float[] scores)
    {
        var outputs = weights.OutputCount;
        // A metric of one score a row may compare all rows; many scores a row would be more than an array holds.
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

    /// <summary>The metrics of the scores of some rows; one that is not defined for them is left out.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="scores">Row-major, rows · outputs.</param>
    public ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, ReadOnlySpan<float> scores)
    {
        var outputs = scores.Length / rows.RowCount;
        var tally = Begin(outputs);
        Add(tally, rows, first: 0, scores, outputs);
        return tally.Metrics(rows.RowCount);
    }

    /// <summary>
    /// The metrics that are not defined for some rows, whatever a model scores them: those that compare rows of different labels, where all
    /// labels are the same.
    /// </summary>
    /// <param name="rows">The rows, at least one.</param>
    public IEnumerable<Metric> Undefined(TrainingSet rows) => rows.HasOneLabel ? OfDifferentLabels : [];

    /// <summary>The metrics that compare rows of different labels.</summary>
    private protected abstract IReadOnlyList<Metric> OfDifferentLabels { get; }

    /// <summary>Begins to measure.</summary>
    /// <param name="outputs">The scores of a row.</param>
    private protected abstract ScoreTally Begin(int outputs);

    private void Add(ScoreTally tally, TrainingSet rows, int first, ReadOnlySpan<float> scores, int outputs)
    {
        for (var i = 0; i < scores.Length / outputs; i++)
            tally.LossSum += rows.Weight(first + i) * loss.Value(scores.Slice(i * outputs, outputs), rows.Label(first + i));
        tally.Add(rows, first, scores);
    }
}
