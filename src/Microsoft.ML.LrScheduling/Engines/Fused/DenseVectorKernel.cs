using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>Kernel for dense rows with one score each. The lanes of a vector are features.</summary>
internal sealed class DenseVectorKernel(TrainingSet set, WeightLayout layout, AlignedArray weights, AlignedArray biases)
    : FusedKernel(set, layout, weights, biases)
{
    private const int Lanes = AlignedArray.Lanes;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(RowTile tile, FusedPart part)
    {
        var bias = Vector512.Create(Biases.First);
        ref var score = ref part.Scores.First;
        ref var sum = ref part.Sums.First;
        ref var weight = ref Weights.First;
        var end = (nuint)Weights.Length;
        for (var row = 0; row < tile.Count; row += Lanes)
        {
            // One row after another, because sequential reads of memory are fastest.
            for (var i = 0; i < Math.Min(Lanes, tile.Count - row); i++)
            {
                // The next tile is prefetched while this one is computed: one half here, the other half with the gradients.
                if (i % 2 == 0) tile.Window.Prefetch(tile.Start + tile.Count + (row + i) / 2, 1);
                ProductOf(ref tile.Window.FirstFeature(tile.Start + row + i), ref weight, end).StoreUnsafe(ref sum, (nuint)(i * Lanes));
            }

            // The last vector can contain scores of rows that do not exist. They are not used.
            (LaneSums.Of(new Sums(part)) + bias).StoreUnsafe(ref score, (nuint)row);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddGradients(RowTile tile, FusedPart part)
    {
        var (window, first, count) = tile;
        var slopes = part.Scores.Elements[..count];
        ref var gradient = ref part.Gradient.First;
        var last = (nuint)(part.Gradient.Length - Lanes);
        var row = 0;
        for (; row <= count - 4; row += 4)
        {
            window.Prefetch(first + count + (count + row) / 2, 2);
            ref var x0 = ref window.FirstFeature(first + row);
            ref var x1 = ref window.FirstFeature(first + row + 1);
            ref var x2 = ref window.FirstFeature(first + row + 2);
            ref var x3 = ref window.FirstFeature(first + row + 3);
            var (slope0, slope1) = (Vector512.Create(slopes[row]), Vector512.Create(slopes[row + 1]));
            var (slope2, slope3) = (Vector512.Create(slopes[row + 2]), Vector512.Create(slopes[row + 3]));
            for (nuint i = 0; i <= last; i += Lanes)
            {
                // Two sums of two products: a chain of additions that is half as long as one sum of four.
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
                Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, i), slope, Vector512.LoadUnsafe(ref gradient, i))
                    .StoreUnsafe(ref gradient, i);
        }

        // A row that is not packed is followed by other numbers, which must not reach the gradient.
        (Vector512.LoadUnsafe(ref gradient, last) & LastLanes).StoreUnsafe(ref gradient, last);
        part.BiasGradient.First += Product.SumOf(slopes);
    }

    /// <summary>Returns the products of a row and the weights, summed for each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ProductOf(ref float x, ref float weight, nuint end)
    {
        Vector512<float> sum = default, other = default;
        nuint i = 0;
        for (; i + Lanes < end; i += 2 * Lanes)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, i), Vector512.LoadUnsafe(ref weight, i), sum);
            other = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, i + Lanes), Vector512.LoadUnsafe(ref weight, i + Lanes), other);
        }

        if (i < end) sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, i), Vector512.LoadUnsafe(ref weight, i), sum);
        return sum + other;
    }

    private readonly struct Sums(FusedPart part) : ISixteenVectors
    {
        public Vector512<float> this[int i]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.LoadUnsafe(ref part.Sums.First, (nuint)(i * Lanes));
        }
    }
}
