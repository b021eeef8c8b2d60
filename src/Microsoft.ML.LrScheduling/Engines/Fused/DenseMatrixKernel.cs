using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Kernel for dense rows with several scores each: a blocked matrix product. The lanes of a vector are columns. A block of the result stays
/// in registers: 4 rows × 32 columns of the scores, or 4 features × 32 columns of the gradients.
/// </summary>
internal sealed class DenseMatrixKernel(TrainingSet set, WeightLayout layout, AlignedArray weights, AlignedArray biases)
    : FusedKernel(set, layout, weights, biases)
{
    private const int Lanes = AlignedArray.Lanes;

    // Without 512-bit registers, a block of two vectors per row would not fit into the registers.
    private static readonly int WideColumns = Vector512.IsHardwareAccelerated ? 2 * Lanes : int.MaxValue;

    /// <inheritdoc/>
    public override int TileValues { get; } = AlignedArray.Padded(layout.Features);

    /// <inheritdoc/>
    public override void Score(RowTile tile, FusedPart part)
    {
        ref var features = ref Features(tile, part);
        // The last block of four can contain additional rows, which are zero or from an earlier tile. Their scores are not used.
        for (var column = 0; column < Layout.Columns;)
        {
            var isWide = Layout.Columns - column >= WideColumns;
            for (var row = 0; row < tile.Count; row += 4)
                if (isWide) ScoreWide(ref features, row, column, part);
                else ScoreNarrow(ref features, row, column, part);
            column += isWide ? 2 * Lanes : Lanes;
        }
    }

    /// <inheritdoc/>
    public override void AddGradients(RowTile tile, FusedPart part)
    {
        ref var features = ref tile.Window.IsPacked ? ref tile.Window.FirstFeature(tile.Start) : ref part.Tile.First;
        for (var column = 0; column < Layout.Columns;)
        {
            var isWide = Layout.Columns - column >= WideColumns;
            for (var feature = 0; feature < Layout.Features; feature += 4)
                if (isWide) AddWide(ref features, feature, column, tile.Count, part);
                else AddNarrow(ref features, feature, column, tile.Count, part);
            column += isWide ? 2 * Lanes : Lanes;
        }

        AddBiasGradients(tile.Count, part);
    }

    /// <summary>
    /// Returns the features of a tile in contiguous memory, <see cref="TileValues"/> per row: in the window if it is packed, otherwise in a
    /// copy.
    /// </summary>
    private ref float Features(RowTile tile, FusedPart part)
    {
        var (window, first, count) = tile;
        if (window.IsPacked) return ref window.FirstFeature(first);
        ref var features = ref part.Tile.First;
        for (var row = 0; row < count; row++)
        {
            if (row % 4 == 0) window.Prefetch(first + count + row, 4);
            ref var x = ref window.FirstFeature(first + row);
            var (place, last) = ((nuint)(row * TileValues), (nuint)(TileValues - Lanes));
            for (nuint i = 0; i < last; i += Lanes) Vector512.LoadUnsafe(ref x, i).StoreUnsafe(ref features, place + i);
            (Vector512.LoadUnsafe(ref x, last) & LastLanes).StoreUnsafe(ref features, place + last);
        }

        return ref features;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreWide(ref float tile, int row, int column, FusedPart part)
    {
        var (columns, width, features) = ((nuint)Layout.Columns, (nuint)TileValues, (nuint)Layout.Features);
        ref var weight = ref Weights.First;
        var (x0, x1, x2, x3) = ((nuint)row * width, (nuint)(row + 1) * width, (nuint)(row + 2) * width, (nuint)(row + 3) * width);
        var bias = Vector512.LoadUnsafe(ref Biases.First, (nuint)column);
        var otherBias = Vector512.LoadUnsafe(ref Biases.First, (nuint)column + Lanes);
        Vector512<float> a0 = bias, a1 = bias, a2 = bias, a3 = bias, b0 = otherBias, b1 = otherBias, b2 = otherBias, b3 = otherBias;
        var at = (nuint)column;
        for (nuint i = 0; i < features; i++, at += columns)
        {
            var (w, v) = (Vector512.LoadUnsafe(ref weight, at), Vector512.LoadUnsafe(ref weight, at + Lanes));
            var x = Broadcast(ref tile, x0 + i);
            (a0, b0) = (Vector512.FusedMultiplyAdd(x, w, a0), Vector512.FusedMultiplyAdd(x, v, b0));
            x = Broadcast(ref tile, x1 + i);
            (a1, b1) = (Vector512.FusedMultiplyAdd(x, w, a1), Vector512.FusedMultiplyAdd(x, v, b1));
            x = Broadcast(ref tile, x2 + i);
            (a2, b2) = (Vector512.FusedMultiplyAdd(x, w, a2), Vector512.FusedMultiplyAdd(x, v, b2));
            x = Broadcast(ref tile, x3 + i);
            (a3, b3) = (Vector512.FusedMultiplyAdd(x, w, a3), Vector512.FusedMultiplyAdd(x, v, b3));
        }

        ref var score = ref part.Scores.First;
        var to = (nuint)row * columns + (nuint)column;
        a0.StoreUnsafe(ref score, to);
        b0.StoreUnsafe(ref score, to + Lanes);
        a1.StoreUnsafe(ref score, to += columns);
        b1.StoreUnsafe(ref score, to + Lanes);
        a2.StoreUnsafe(ref score, to += columns);
        b2.StoreUnsafe(ref score, to + Lanes);
        a3.StoreUnsafe(ref score, to += columns);
        b3.StoreUnsafe(ref score, to + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreNarrow(ref float tile, int row, int column, FusedPart part)
    {
        var (columns, width, features) = ((nuint)Layout.Columns, (nuint)TileValues, (nuint)Layout.Features);
        ref var weight = ref Weights.First;
        var (x0, x1, x2, x3) = ((nuint)row * width, (nuint)(row + 1) * width, (nuint)(row + 2) * width, (nuint)(row + 3) * width);
        var bias = Vector512.LoadUnsafe(ref Biases.First, (nuint)column);
        Vector512<float> a0 = bias, a1 = bias, a2 = bias, a3 = bias;
        var at = (nuint)column;
        for (nuint i = 0; i < features; i++, at += columns)
        {
            var w = Vector512.LoadUnsafe(ref weight, at);
            a0 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x0 + i), w, a0);
            a1 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x1 + i), w, a1);
            a2 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x2 + i), w, a2);
            a3 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x3 + i), w, a3);
        }

        ref var score = ref part.Scores.First;
        var to = (nuint)row * columns + (nuint)column;
        a0.StoreUnsafe(ref score, to);
        a1.StoreUnsafe(ref score, to + columns);
        a2.StoreUnsafe(ref score, to + 2 * columns);
        a3.StoreUnsafe(ref score, to + 3 * columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddWide(ref float tile, int feature, int column, int rows, FusedPart part)
    {
        var (columns, width) = ((nuint)Layout.Columns, (nuint)TileValues);
        ref var slope = ref part.Scores.First;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        var (x, s) = ((nuint)feature, (nuint)column);
        for (var row = 0; row < rows; row++, x += width, s += columns)
        {
            var (w, v) = (Vector512.LoadUnsafe(ref slope, s), Vector512.LoadUnsafe(ref slope, s + Lanes));
            var value = Broadcast(ref tile, x);
            (a0, b0) = (Vector512.FusedMultiplyAdd(value, w, a0), Vector512.FusedMultiplyAdd(value, v, b0));
            value = Broadcast(ref tile, x + 1);
            (a1, b1) = (Vector512.FusedMultiplyAdd(value, w, a1), Vector512.FusedMultiplyAdd(value, v, b1));
            value = Broadcast(ref tile, x + 2);
            (a2, b2) = (Vector512.FusedMultiplyAdd(value, w, a2), Vector512.FusedMultiplyAdd(value, v, b2));
            value = Broadcast(ref tile, x + 3);
            (a3, b3) = (Vector512.FusedMultiplyAdd(value, w, a3), Vector512.FusedMultiplyAdd(value, v, b3));
        }

        ref var gradient = ref part.Gradient.First;
        var to = (nuint)feature * columns + (nuint)column;
        Add(ref gradient, to, a0);
        Add(ref gradient, to + Lanes, b0);
        Add(ref gradient, to += columns, a1);
        Add(ref gradient, to + Lanes, b1);
        Add(ref gradient, to += columns, a2);
        Add(ref gradient, to + Lanes, b2);
        Add(ref gradient, to += columns, a3);
        Add(ref gradient, to + Lanes, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddNarrow(ref float tile, int feature, int column, int rows, FusedPart part)
    {
        var (columns, width) = ((nuint)Layout.Columns, (nuint)TileValues);
        ref var slope = ref part.Scores.First;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        var (x, s) = ((nuint)feature, (nuint)column);
        for (var row = 0; row < rows; row++, x += width, s += columns)
        {
            var w = Vector512.LoadUnsafe(ref slope, s);
            a0 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x), w, a0);
            a1 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x + 1), w, a1);
            a2 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x + 2), w, a2);
            a3 = Vector512.FusedMultiplyAdd(Broadcast(ref tile, x + 3), w, a3);
        }

        ref var gradient = ref part.Gradient.First;
        var to = (nuint)feature * columns + (nuint)column;
        Add(ref gradient, to, a0);
        Add(ref gradient, to + columns, a1);
        Add(ref gradient, to + 2 * columns, a2);
        Add(ref gradient, to + 3 * columns, a3);
    }

    private static Vector512<float> Broadcast(ref float first, nuint i) => Vector512.Create(Unsafe.Add(ref first, i));

    private static void Add(ref float first, nuint i, Vector512<float> vector) =>
        (Vector512.LoadUnsafe(ref first, i) + vector).StoreUnsafe(ref first, i);
}
