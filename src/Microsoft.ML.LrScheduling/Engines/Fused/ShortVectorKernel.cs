using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Kernel for dense rows of at most sixteen features with one score each: a row is one vector, and weights and gradients stay in registers.
/// </summary>
internal sealed class ShortVectorKernel(TrainingSet set, WeightLayout layout, AlignedArray weights, AlignedArray biases)
    : FusedKernel(set, layout, weights, biases)
{
    private const int Lanes = AlignedArray.Lanes;

    /// <summary>Whether the rows are short enough for this kernel.</summary>
    public static bool Fits(WeightLayout layout) => layout is { IsVector: true, Features: <= Lanes };

    /// <inheritdoc/>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(RowTile tile, FusedPart part)
    {
        var weight = Vector512.LoadUnsafe(ref Weights.First);
        var bias = Vector512.Create(Biases.First);
        ref var score = ref part.Scores.First;
        // The last vector can contain scores of rows that do not exist. They are not used.
        for (var row = 0; row < tile.Count; row += Lanes)
            (LaneSums.Of(new Products(tile.Window, tile.Start + row, weight)) + bias).StoreUnsafe(ref score, (nuint)row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddGradients(RowTile tile, FusedPart part)
    {
        var (window, first, count) = tile;
        ref var slope = ref part.Scores.First;
        // Four separate sums, so that no addition has to wait for the previous one.
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var row = 0;
        for (; row <= count - 4; row += 4)
        {
            sum0 = Add(window, first, row, ref slope, sum0);
            sum1 = Add(window, first, row + 1, ref slope, sum1);
            sum2 = Add(window, first, row + 2, ref slope, sum2);
            sum3 = Add(window, first, row + 3, ref slope, sum3);
        }

        for (; row < count; row++) sum0 = Add(window, first, row, ref slope, sum0);
        ref var gradient = ref part.Gradient.First;
        // A row that is not packed is followed by other numbers, which must not reach the gradient.
        (Vector512.LoadUnsafe(ref gradient) + (sum0 + sum1 + (sum2 + sum3) & LastLanes)).StoreUnsafe(ref gradient);
        part.BiasGradient.First += Product.SumOf(part.Scores.Elements[..count]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(RowWindow window, int first, int row, ref float slope, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(
            Vector512.LoadUnsafe(ref window.FirstFeature(first + row)), Vector512.Create(Unsafe.Add(ref slope, row)), sum);

    private readonly struct Products(RowWindow window, int first, Vector512<float> weight) : ISixteenVectors
    {
        public Vector512<float> this[int i]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.LoadUnsafe(ref window.FirstFeature(first + i)) * weight;
        }
    }
}
