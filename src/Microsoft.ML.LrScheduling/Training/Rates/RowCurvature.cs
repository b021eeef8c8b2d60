using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// How strongly a minibatch of some rows bends the loss, and the learning rate that follows from it. With h the loss's second derivative,
/// x a row with a 1 for the bias, w its weight and B rows of a minibatch, the largest curvature that a step meets is taken as
/// <c>L = h · (λmax · (1 − 1/B) + max w · ‖x‖² / B)</c>, where λmax is the largest eigenvalue of the mean of
/// <c>w · x · xᵀ</c>: of many rows only their mean counts, of one row all of it.
/// </summary>
internal sealed class RowCurvature
{
    // A sample tells the largest eigenvalue well enough: what it misses, the longest row has.
    private const int SampledRows = 2000;

    // Long sparse rows are many values: fewer of them tell as much.
    private const int SampledValues = 1 << 18;

    private const int Iterations = 30;

    private readonly double _curvature;
    private readonly double _largestEigenvalue;
    private readonly double _longestRow;

    /// <param name="rows">The training rows, at least one.</param>
    /// <param name="lossCurvature">h: see <see cref="Losses.Loss.Curvature"/>.</param>
    public RowCurvature(TrainingSet rows, double lossCurvature)
    {
        _curvature = lossCurvature;
        _largestEigenvalue = LargestEigenvalue(rows);
        _longestRow = LongestRow(rows);
    }

    /// <summary>L, the largest curvature that a step meets.</summary>
    /// <param name="batchSize">The rows of a minibatch.</param>
    public double Of(int batchSize) => _curvature * (_largestEigenvalue * (1 - 1.0 / batchSize) + _longestRow / batchSize);

    /// <summary>
    /// The rate to begin with: of SGD 1/(L + λ), less what its momentum adds up to; of others one that does not depend on the rows, their
    /// <see cref="Optimizer.StartingRate"/>.
    /// </summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="batchSize">The rows of a minibatch.</param>
    /// <param name="l2">λ of the penalty λ/2 · ‖weights‖², which bends the loss too.</param>
    public double RateFor(Optimizer optimizer, int batchSize, double l2 = 0) => optimizer switch
    {
        // Without momentum there is nothing to dampen.
        Sgd { Momentum: 0 } sgd => 1 / (Of(batchSize) + l2 + sgd.WeightDecay),
        Sgd sgd => (1 - sgd.Momentum) / (1 - sgd.Dampening) / (Of(batchSize) + l2 + sgd.WeightDecay),
        _ => optimizer.StartingRate
            ?? throw new NotSupportedException($"There is no default learning rate for {optimizer}: set LearningRate."),
    };

    /// <summary>The largest eigenvalue of the mean of w · x · xᵀ over a sample of rows, by power iteration.</summary>
    private static double LargestEigenvalue(TrainingSet rows)
    {
        var sampled = rows.IsSparse ? Math.Clamp(SampledValues / rows.ValuesPerRow, 1, SampledRows) : SampledRows;
        var step = (rows.RowCount - 1) / sampled + 1;
        var random = new Random(1);
        // One of each stretch, whichever, as rows may repeat at a distance.
        int[] sample = [.. Enumerable.Range(0, (rows.RowCount - 1) / step + 1)
            .Select(i => Math.Min(i * step + random.Next(step), rows.RowCount - 1))];
        // Of millions of features a sample of sparse rows has few: they are numbered anew.
        var (places, width) = rows.IsSparse ? Numbered(rows, sample) : (null, rows.FeatureCount);
        var (direction, product) = (new float[width + 1], new float[width + 1]);
        // It begins with rows, and not with a direction of its own, so that neither the signs nor the order of features count.
        for (var j = 0; j < sample.Length; j++) Add(rows, sample[j], places?[j], (float)(random.NextDouble() - 0.5), direction);
        var eigenvalue = 0.0;
        for (var i = 0; i < Iterations; i++)
        {
            // Rows of the sample that weigh nothing have no direction.
            if (Square(direction) is var square && (square == 0 || !double.IsFinite(square))) break;
            var scale = (float)(1 / Math.Sqrt(square));
            foreach (ref var value in direction.AsSpan()) value *= scale;
            Array.Clear(product);
            for (var j = 0; j < sample.Length; j++)
                Add(rows, sample[j], places?[j], Projection(rows, sample[j], places?[j], direction), product);
            eigenvalue = Math.Sqrt(Square(product)) / sample.Length;
            (direction, product) = (product, direction);
        }

        return eigenvalue;
    }

    /// <summary>xᵀ · direction, the last element being that of the bias.</summary>
    private static float Projection(TrainingSet rows, int row, int[]? places, float[] direction)
    {
        if (places is null) return direction[^1] + Product.Of(rows.Features(row), direction.AsSpan(0, rows.FeatureCount));
        var projection = direction[^1];
        var values = rows.Entries(row).Values;
        for (var i = 0; i < values.Length; i++) projection += values[i] * direction[places[i]];
        return projection;
    }

    /// <summary>Adds w · x · factor to sums, the last element being that of the bias.</summary>
    private static void Add(TrainingSet rows, int row, int[]? places, float factor, float[] sums)
    {
        factor *= rows.Weight(row);
        sums[^1] += factor;
        if (places is null)
        {
            Product.AddTo(rows.Features(row), factor, sums.AsSpan(0, rows.FeatureCount));
            return;
        }

        var values = rows.Entries(row).Values;
        for (var i = 0; i < values.Length; i++) sums[places[i]] += factor * values[i];
    }

    /// <summary>The features of sparse rows by numbers of their own: those of the values of each row, and how many there are.</summary>
    private static (int[][] Places, int Count) Numbered(TrainingSet rows, int[] sample)
    {
        var met = new Dictionary<int, int>();
        var places = new int[sample.Length][];
        for (var i = 0; i < sample.Length; i++)
        {
            var features = rows.Entries(sample[i]).Indices;
            places[i] = new int[features.Length];
            for (var j = 0; j < features.Length; j++)
            {
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(met, features[j], out var isMet);
                if (!isMet) place = met.Count - 1;
                places[i][j] = place;
            }
        }

        return (places, met.Count);
    }

    /// <summary>The largest of w · ‖x‖².</summary>
    private static double LongestRow(TrainingSet rows)
    {
        const int RowsAtOnce = 4096;
        var longest = new double[(rows.RowCount - 1) / RowsAtOnce + 1];
        Parallel.For(0, longest.Length, part =>
        {
            for (var row = part * RowsAtOnce; row < Math.Min(rows.RowCount, (part + 1) * RowsAtOnce); row++)
                longest[part] = Math.Max(
                    longest[part], rows.Weight(row) * (1 + Square(rows.IsSparse ? rows.Entries(row).Values : rows.Features(row))));
        });
        return longest.Max();
    }

    private static double Square(ReadOnlySpan<float> values) => Product.Of(values, values);
}
