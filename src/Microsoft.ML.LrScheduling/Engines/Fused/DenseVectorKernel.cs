using Microsoft.ML.LrScheduling.Data;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>Dense rows and one score each. Lanes are features; four rows go side by side, so that no addition waits for the one before.</summary>
internal sealed class DenseVectorKernel(TrainingSet set, FusedLayout layout, AlignedArray weights, AlignedArray biases)
    : FusedKernel(set, layout, weights, biases)
{
    private const nuint Lanes = AlignedArray.Lanes;

    // Where rows are not packed the last vector of one reads on into the next; of a gradient that is taken out again.
    private readonly Vector512<float> _lastLanes = Vector512.LessThan(
        Vector512<int>.Indices, Vector512.Create((layout.Features - 1) % AlignedArray.Lanes + 1)).AsSingle();

    /// <inheritdoc/>
    public override void Score(RowTile tile, FusedPart part)
    {
        var (window, first, count) = tile;
        var bias = Biases.First;
        ref var weight = ref Weights.First;
        var end = (nuint)Weights.Length;
        var scores = part.Scores.Elements[..count];
        var row = 0;
        for (; row <= count - 4; row += 4)
        {
            ref var x0 = ref window.FirstFeature(first + row);
            ref var x1 = ref window.FirstFeature(first + row + 1);
            ref var x2 = ref window.FirstFeature(first + row + 2);
            ref var x3 = ref window.FirstFeature(first + row + 3);
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (nuint i = 0; i < end; i += Lanes)
            {
                var w = Vector512.LoadUnsafe(ref weight, i);
                sum0 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x0, i), w, sum0);
                sum1 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x1, i), w, sum1);
                sum2 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x2, i), w, sum2);
                sum3 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x3, i), w, sum3);
            }

            scores[row] = AlignedArray.Sum(sum0) + bias;
            scores[row + 1] = AlignedArray.Sum(sum1) + bias;
            scores[row + 2] = AlignedArray.Sum(sum2) + bias;
            scores[row + 3] = AlignedArray.Sum(sum3) + bias;
        }

        for (; row < count; row++)
        {
            ref var x = ref window.FirstFeature(first + row);
            Vector512<float> sum = default;
            for (nuint i = 0; i < end; i += Lanes) sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, i), Vector512.LoadUnsafe(ref weight, i), sum);
            scores[row] = AlignedArray.Sum(sum) + bias;
        }
    }

    /// <inheritdoc/>
    public override void AddGradients(RowTile tile, FusedPart part)
    {
        var (window, first, count) = tile;
        var slopes = part.Scores.Elements[..count];
        ref var gradient = ref part.Gradient.First;
        var last = (nuint)part.Gradient.Length - Lanes;
        var row = 0;
        for (; row <= count - 4; row += 4)
        {
            // The next tile's: here memory would be idle, since the rows of this one are at hand.
            window.PrefetchFour(first + count + row);
            ref var x0 = ref window.FirstFeature(first + row);
            ref var x1 = ref window.FirstFeature(first + row + 1);
            ref var x2 = ref window.FirstFeature(first + row + 2);
            ref var x3 = ref window.FirstFeature(first + row + 3);
            var (slope0, slope1) = (Vector512.Create(slopes[row]), Vector512.Create(slopes[row + 1]));
            var (slope2, slope3) = (Vector512.Create(slopes[row + 2]), Vector512.Create(slopes[row + 3]));
            for (nuint i = 0; i <= last; i += Lanes)
            {
                // Two sums of two: half the wait of one of four.
                var sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x1, i), slope1, Vector512.LoadUnsafe(ref x0, i) * slope0);
                var other = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x3, i), slope3, Vector512.LoadUnsafe(ref x2, i) * slope2);
                (Vector512.LoadUnsafe(ref gradient, i) + (sum + other)).StoreUnsafe(ref gradient, i);
            }
        }

        for (; row < count; row++)
        {
            ref var x = ref window.FirstFeature(first + row);
            var slope = Vector512.Create(slopes[row]);
            for (nuint i = 0; i <= last; i += Lanes)
                Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, i), slope, Vector512.LoadUnsafe(ref gradient, i)).StoreUnsafe(ref gradient, i);
        }

        (Vector512.LoadUnsafe(ref gradient, last) & _lastLanes).StoreUnsafe(ref gradient, last);
        part.BiasGradient.First += SumOfSlopes(slopes);
    }
}
