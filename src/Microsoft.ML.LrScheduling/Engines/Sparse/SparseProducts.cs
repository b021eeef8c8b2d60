using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// The two products of a sparse row: with weights, and of its slope with its values. Work goes by values: each names the place of its
/// weight, or of as many weights as there are columns.
/// </summary>
internal static class SparseProducts
{
    private const int Lanes = AlignedArray.Lanes;
    private const int LineBytes = 64;

    /// <summary>A row times weights, one a feature: four sums, so that no addition waits for the one before.</summary>
    /// <param name="row">The row.</param>
    /// <param name="weight">The first weight.</param>
    /// <param name="shift">The weight of feature i is number i · 2^shift.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(SparseRow row, ref float weight, int shift)
    {
        ref var value = ref MemoryMarshal.GetReference(row.Values);
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        var count = row.Indices.Length;
        var (sum0, sum1, sum2, sum3) = (0f, 0f, 0f, 0f);
        var i = 0;
        for (; i <= count - 4; i += 4)
        {
            sum0 += Unsafe.Add(ref value, i) * At(ref weight, Unsafe.Add(ref index, i), shift);
            sum1 += Unsafe.Add(ref value, i + 1) * At(ref weight, Unsafe.Add(ref index, i + 1), shift);
            sum2 += Unsafe.Add(ref value, i + 2) * At(ref weight, Unsafe.Add(ref index, i + 2), shift);
            sum3 += Unsafe.Add(ref value, i + 3) * At(ref weight, Unsafe.Add(ref index, i + 3), shift);
        }

        for (; i < count; i++) sum0 += Unsafe.Add(ref value, i) * At(ref weight, Unsafe.Add(ref index, i), shift);
        return sum0 + sum1 + (sum2 + sum3);
    }

    /// <summary>Adds a row, times a factor, to numbers, one a feature.</summary>
    /// <param name="row">The row.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="sum">The first number.</param>
    /// <param name="shift">The number of feature i is number i · 2^shift.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTo(SparseRow row, float factor, ref float sum, int shift)
    {
        ref var value = ref MemoryMarshal.GetReference(row.Values);
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        for (var i = 0; i < row.Indices.Length; i++)
            At(ref sum, Unsafe.Add(ref index, i), shift) += factor * Unsafe.Add(ref value, i);
    }

    /// <summary>A row times a matrix of weights.</summary>
    /// <param name="row">The row.</param>
    /// <param name="weight">The first weight of the first feature.</param>
    /// <param name="stride">The numbers from a feature's weights to the next one's.</param>
    /// <param name="columns">The columns, a multiple of 16; of those beyond the stride the product means nothing.</param>
    /// <param name="product">Receives it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(SparseRow row, ref float weight, int stride, int columns, ref float product)
    {
        ref var value = ref MemoryMarshal.GetReference(row.Values);
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        var (count, column) = (row.Indices.Length, (nuint)0);
        // Four vectors at once: what is near in memory is read together.
        for (; column + 4 * Lanes <= (nuint)columns; column += 4 * Lanes)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (var i = 0; i < count; i++)
            {
                ref var own = ref Unsafe.Add(ref weight, (nint)Unsafe.Add(ref index, i) * stride);
                var x = Vector512.Create(Unsafe.Add(ref value, i));
                sum0 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref own, column), sum0);
                sum1 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref own, column + Lanes), sum1);
                sum2 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref own, column + 2 * Lanes), sum2);
                sum3 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref own, column + 3 * Lanes), sum3);
            }

            sum0.StoreUnsafe(ref product, column);
            sum1.StoreUnsafe(ref product, column + Lanes);
            sum2.StoreUnsafe(ref product, column + 2 * Lanes);
            sum3.StoreUnsafe(ref product, column + 3 * Lanes);
        }

        for (; column < (nuint)columns; column += Lanes)
        {
            var sum = Vector512<float>.Zero;
            for (var i = 0; i < count; i++)
                sum = Vector512.FusedMultiplyAdd(
                    Vector512.Create(Unsafe.Add(ref value, i)),
                    Vector512.LoadUnsafe(ref Unsafe.Add(ref weight, (nint)Unsafe.Add(ref index, i) * stride), column), sum);
            sum.StoreUnsafe(ref product, column);
        }
    }

    /// <summary>Adds a row times factors, one a column, to a matrix.</summary>
    /// <param name="row">The row.</param>
    /// <param name="factor">The first factor.</param>
    /// <param name="sum">The first number of the first feature.</param>
    /// <param name="stride">The numbers of a feature; nothing beyond them is touched.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTo(SparseRow row, ref float factor, ref float sum, int stride)
    {
        ref var value = ref MemoryMarshal.GetReference(row.Values);
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        for (var i = 0; i < row.Indices.Length; i++)
        {
            ref var own = ref Unsafe.Add(ref sum, (nint)Unsafe.Add(ref index, i) * stride);
            var x = Unsafe.Add(ref value, i);
            var (vector, column) = (Vector512.Create(x), (nuint)0);
            for (; column + Lanes <= (nuint)stride; column += Lanes)
                Vector512.FusedMultiplyAdd(vector, Vector512.LoadUnsafe(ref factor, column), Vector512.LoadUnsafe(ref own, column))
                    .StoreUnsafe(ref own, column);
            for (; column < (nuint)stride; column++) Unsafe.Add(ref own, column) += x * Unsafe.Add(ref factor, column);
        }
    }

    /// <summary>Adds the slopes of some rows to the gradient of the biases; what fills the last vector of a row becomes zero.</summary>
    /// <param name="slopes">The slopes, as many as there are columns a row.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="layout">Where columns stand.</param>
    /// <param name="sum">The first of the sums.</param>
    public static void AddSlopes(Span<float> slopes, int rows, WeightLayout layout, ref float sum)
    {
        if (layout.IsVector)
        {
            sum += Product.SumOf(slopes);
            return;
        }

        for (var row = 0; row < rows; row++)
        {
            var own = slopes.Slice(row * layout.Columns, layout.Columns);
            // These are scores of other features' weights.
            if (layout.Stride < layout.Columns) own[layout.Stride..].Clear();
            ref var slope = ref MemoryMarshal.GetReference(own);
            for (nuint column = 0; column < (nuint)layout.Columns; column += Lanes)
                (Vector512.LoadUnsafe(ref sum, column) + Vector512.LoadUnsafe(ref slope, column)).StoreUnsafe(ref sum, column);
        }
    }

    /// <summary>Asks memory for what belongs to the features of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">What belongs to the first feature.</param>
    /// <param name="numbers">The numbers from a feature to the next.</param>
    /// <param name="length">How many of them are asked for.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Prefetch(SparseRow row, nint first, int numbers, int length)
    {
        if (!Sse.IsSupported) return;
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        var size = (nint)numbers * sizeof(float);
        if (length * sizeof(float) <= LineBytes)
        {
            for (var i = 0; i < row.Indices.Length; i++) Sse.Prefetch0((byte*)first + Unsafe.Add(ref index, i) * size);
            return;
        }

        for (var i = 0; i < row.Indices.Length; i++)
        {
            var own = (byte*)first + Unsafe.Add(ref index, i) * size;
            for (var line = 0; line < length * sizeof(float); line += LineBytes) Sse.Prefetch0(own + line);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref float At(ref float first, int index, int shift) => ref Unsafe.Add(ref first, (nint)index << shift);
}
