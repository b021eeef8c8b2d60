using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Estimates the largest curvature of the loss in a minibatch, and the learning rate that follows from it. Let h be the second derivative
/// of the loss, x a row with a 1 for the bias, w its weight, and B the number of rows in a minibatch. The curvature is
/// <c>L = h · (λmax · (1 − 1/B) + max w · ‖x‖² / B)</c>, where λmax is the largest eigenvalue of the mean of <c>w · x · xᵀ</c>. With many
/// rows in a minibatch the mean dominates; with few rows the longest row does.
/// </summary>
internal sealed class RowCurvature
{
    // A sample estimates the largest eigenvalue well enough. Rare long rows that it misses are in the term of the longest row.
    private const int SampledRows = 2000;

    // Long sparse rows have many values, so fewer of them are enough.
    private const int SampledValues = 1 << 18;

    private const int Iterations = 30;

    private readonly double _curvature;
    private readonly double _largestEigenvalue;
    private readonly double _longestRow;

    /// <param name="rows">The training rows, at least one.</param>
    /// <param name="lossCurvature">The second derivative h of the loss: see <see cref="Losses.Loss.Curvature"/>.</param>
    public RowCurvature(TrainingSet rows, double lossCurvature)
    {
        _curvature = lossCurvature;
        _largestEigenvalue = LargestEigenvalue(rows);
        _longestRow = LongestRow(rows);
    }

    /// <summary>Returns L, the estimated largest curvature.</summary>
    /// <param name="batchSize">The number of rows in a minibatch.</param>
    public double Of(int batchSize) => _curvature * (_largestEigenvalue * (1 - 1.0 / batchSize) + _longestRow / batchSize);

    /// <summary>
    /// Returns the default initial rate. For SGD it is 1/(L + λ), reduced by the factor by which momentum accumulates gradients. For other
    /// optimizers it is <see cref="Optimizer.StartingRate"/>, which does not depend on the rows.
    /// </summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="batchSize">The rows of a minibatch.</param>
    /// <param name="l2">λ of the penalty λ/2 · ‖weights‖², which adds to the curvature.</param>
    public double RateFor(Optimizer optimizer, int batchSize, double l2 = 0) => optimizer switch
    {
        // Dampening has no effect without momentum.
        Sgd { Momentum: 0 } sgd => 1 / (Of(batchSize) + l2 + sgd.WeightDecay),
        Sgd sgd => (1 - sgd.Momentum) / (1 - sgd.Dampening) / (Of(batchSize) + l2 + sgd.WeightDecay),
        _ => optimizer.StartingRate
            ?? throw new NotSupportedException($"There is no default learning rate for {optimizer}: set LearningRate."),
    };

    /// <summary>Estimates the largest eigenvalue of the mean of w · x · xᵀ over a sample of rows, by power iteration.</summary>
    private static double LargestEigenvalue(TrainingSet rows)
    {
        var sampled = rows.IsSparse ? Math.Clamp(SampledValues / rows.ValuesPerRow, 1, SampledRows) : SampledRows;
        var step = (rows.RowCount - 1) / sampled + 1;
        var random = new Random(1);
        // A random row from each range of rows. Rows at equal distances could all be alike if the data has a period.
        int[] sample = [.. Enumerable.Range(0, (rows.RowCount - 1) / step + 1)
            .Select(i => Math.Min(i * step + random.Next(step), rows.RowCount - 1))];
        // A sample of sparse rows uses only a few of possibly millions of features, so these are numbered again.
        var (places, width) = rows.IsSparse ? Numbered(rows, sample) : (null, rows.FeatureCount);
        var (direction, product) = (new float[width + 1], new float[width + 1]);
        // The start is a random combination of rows, so that the result does not depend on the signs or the order of the features.
        for (var j = 0; j < sample.Length; j++) Add(rows, sample[j], places?[j], (float)(random.NextDouble() - 0.5), direction);
        var eigenvalue = 0.0;
        for (var i = 0; i < Iterations; i++)
        {
            // All rows of the sample can have the weight 0; the direction is then 0.
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

    /// <summary>Returns xᵀ · direction. The last element of the direction is that of the bias.</summary>
    private static float Projection(TrainingSet rows, int row, int[]? places, float[] direction)
    {
        if (places is null) return direction[^1] + Product.Of(rows.Features(row), direction.AsSpan(0, rows.FeatureCount));
        var projection = direction[^1];
        var values = rows.Entries(row).Values;
        for (var i = 0; i < values.Length; i++) projection += values[i] * direction[places[i]];
        return projection;
    }

    /// <summary>Adds w · x · factor to the sums. The last sum is that of the bias.</summary>
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

    /// <summary>Numbers the features that sparse rows use. Returns the new number for each value of each row, and their count.</summary>
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

    /// <summary>Returns the largest w · ‖x‖² of all rows.</summary>
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
