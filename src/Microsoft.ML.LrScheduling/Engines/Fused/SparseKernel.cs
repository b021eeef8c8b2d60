using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>Sparse rows: work goes by the features that are not zero, which are noted where somebody asks. Lanes are columns.</summary>
internal sealed class SparseKernel(TrainingSet set, FusedLayout layout, AlignedArray weights, AlignedArray biases, TouchedBlocks? touched)
    : FusedKernel(set, layout, weights, biases)
{
    private const int Lanes = AlignedArray.Lanes;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(RowTile tile, FusedPart part)
    {
        if (Layout.IsVector)
        {
            var weights = Weights.Elements;
            for (var row = 0; row < tile.Count; row++)
                part.Scores.Elements[row] = tile.Window.Entries(tile.Start + row).Dot(weights) + Biases.First;
            return;
        }

        var (columns, stride) = ((nuint)Layout.Columns, (nuint)Layout.Stride);
        ref var weight = ref Weights.First;
        ref var score = ref part.Scores.First;
        for (var row = 0; row < tile.Count; row++)
        {
            var entries = tile.Window.Entries(tile.Start + row);
            for (nuint column = 0; column < columns; column += Lanes)
            {
                var sum = Vector512.LoadUnsafe(ref Biases.First, column);
                for (var i = 0; i < entries.Indices.Length; i++)
                    sum = Vector512.FusedMultiplyAdd(
                        Vector512.Create(entries.Values[i]),
                        Vector512.LoadUnsafe(ref weight, (nuint)entries.Indices[i] * stride + column), sum);
                sum.StoreUnsafe(ref score, (nuint)row * columns + column);
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddGradients(RowTile tile, FusedPart part)
    {
        if (Layout.IsVector)
        {
            var slopes = part.Scores.Elements[..tile.Count];
            for (var row = 0; row < tile.Count; row++)
            {
                var entries = tile.Window.Entries(tile.Start + row);
                touched?.Add(entries.Indices);
                entries.AddTo(part.Gradient.Elements, slopes[row]);
            }

            part.BiasGradient.First += SumOfSlopes(slopes);
            return;
        }

        ClearFilling(tile.Count, part);
        var (columns, stride) = ((nuint)Layout.Columns, (nuint)Layout.Stride);
        ref var gradient = ref part.Gradient.First;
        ref var slope = ref part.Scores.First;
        for (var row = 0; row < tile.Count; row++)
        {
            var entries = tile.Window.Entries(tile.Start + row);
            touched?.Add(entries.Indices);
            for (nuint column = 0; column < columns; column += Lanes)
            {
                var slopes = Vector512.LoadUnsafe(ref slope, (nuint)row * columns + column);
                for (var i = 0; i < entries.Indices.Length; i++)
                {
                    ref var place = ref Unsafe.Add(ref gradient, (nuint)entries.Indices[i] * stride + column);
                    Vector512.FusedMultiplyAdd(Vector512.Create(entries.Values[i]), slopes, Vector512.LoadUnsafe(ref place))
                        .StoreUnsafe(ref place);
                }
            }
        }

        AddBiasGradients(tile.Count, part);
    }

    // Where the weights of features stand without a gap, the scores that fill the last vector are made of other features' weights: as
    // slopes they are to be zero.
    private void ClearFilling(int rows, FusedPart part)
    {
        if (Layout.Stride == Layout.Columns) return;
        var filling = Layout.Columns - Layout.Stride;
        for (var row = 0; row < rows; row++) part.Scores.Elements.Slice(row * Layout.Columns + Layout.Stride, filling).Clear();
    }
}
