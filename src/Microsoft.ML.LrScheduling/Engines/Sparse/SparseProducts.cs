using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// The two products of sparse rows: of a row and the weights, and of a slope and a row. The work depends on the number of values: each
/// value has the index of its weight, or of a group of weights if there are several columns.
/// </summary>
internal static class SparseProducts
{
    private const int Lanes = AlignedArray.Lanes;
    private const int LineBytes = 64;

    /// <summary>
    /// Returns the dot product of a row and weights. It uses four separate sums, so that no addition waits for the previous one.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="weight">The first weight.</param>
    /// <param name="shift">The weight of feature i has the index i · 2^shift.</param>
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

    /// <summary>Adds a row, multiplied by a factor, to sums, one per feature.</summary>
    /// <param name="row">The row.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="sum">The first sum.</param>
    /// <param name="shift">The sum of feature i has the index i · 2^shift.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTo(SparseRow row, float factor, ref float sum, int shift)
    {
        ref var value = ref MemoryMarshal.GetReference(row.Values);
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        for (var i = 0; i < row.Indices.Length; i++)
            At(ref sum, Unsafe.Add(ref index, i), shift) += factor * Unsafe.Add(ref value, i);
    }

    /// <summary>Computes the product of a row and a matrix of weights.</summary>
    /// <param name="row">The row.</param>
    /// <param name="weight">The first weight of the first feature.</param>
    /// <param name="stride">The distance between the weights of two adjacent features.</param>
    /// <param name="columns">The number of columns, a multiple of 16. Columns beyond the stride have no meaning.</param>
    /// <param name="product">Receives the product.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(SparseRow row, ref float weight, int stride, int columns, ref float product)
    {
        ref var value = ref MemoryMarshal.GetReference(row.Values);
        ref var index = ref MemoryMarshal.GetReference(row.Indices);
        var (count, column) = (row.Indices.Length, (nuint)0);
        // Four vectors at once, so that adjacent memory is read together.
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

    /// <summary>Adds the outer product of a row and factors, one per column, to a matrix.</summary>
    /// <param name="row">The row.</param>
    /// <param name="factor">The first factor.</param>
    /// <param name="sum">The first sum of the first feature.</param>
    /// <param name="stride">The number of sums per feature.</param>
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

    /// <summary>Adds the slopes of rows to the gradient of the biases, and clears the padding at the end of each row.</summary>
    /// <param name="slopes">The slopes, one per row and column.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="layout">The layout of the columns.</param>
    /// <param name="sum">The first element of the gradient.</param>
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
            // The padding contains products with the weights of the next feature, which have no meaning.
            if (layout.Stride < layout.Columns) own[layout.Stride..].Clear();
            ref var slope = ref MemoryMarshal.GetReference(own);
            for (nuint column = 0; column < (nuint)layout.Columns; column += Lanes)
                (Vector512.LoadUnsafe(ref sum, column) + Vector512.LoadUnsafe(ref slope, column)).StoreUnsafe(ref sum, column);
        }
    }

    /// <summary>Prefetches the data of a row's features.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">The address of the data of the first feature.</param>
    /// <param name="numbers">The distance between two features, in 32-bit numbers.</param>
    /// <param name="length">How many 32-bit numbers of each feature to prefetch.</param>
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
