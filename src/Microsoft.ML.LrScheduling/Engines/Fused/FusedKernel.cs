using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Computes the two products of a step (scores and gradients) for a tile: a number of rows that fit into the nearest cache, so that memory
/// is read only once for both products.
/// </summary>
/// <remarks>
/// The loops over rows, here and in windows, losses and updates, are compiled with all optimizations at once (AggressiveOptimization). With
/// tiered compilation, a training may end before the runtime optimizes them.
/// </remarks>
internal abstract class FusedKernel(TrainingSet set, WeightLayout layout, AlignedArray weights, AlignedArray biases)
{
    private const int TileBytes = 1 << 14;
    private const int LeastTileRows = 16;
    private const int MostTileRows = 256;

    /// <summary>The layout of the weights.</summary>
    protected WeightLayout Layout => layout;

    /// <summary>The weights.</summary>
    protected AlignedArray Weights => weights;

    /// <summary>The biases, one per column.</summary>
    protected AlignedArray Biases => biases;

    /// <summary>A mask of the lanes of a row's last vector that are features.</summary>
    protected Vector512<float> LastLanes { get; } = Vector512.LessThan(
        Vector512<int>.Indices, Vector512.Create((layout.Features - 1) % AlignedArray.Lanes + 1)).AsSingle();

    /// <summary>The maximum number of rows in a tile, a multiple of 16.</summary>
    public int TileRows { get; } =
        Math.Clamp(TileBytes / sizeof(float) / (set.ValuesPerRow + layout.Columns), LeastTileRows, MostTileRows)
            / AlignedArray.Lanes * AlignedArray.Lanes;

    /// <summary>The number of values that a tile stores for each row; 0 if it stores none.</summary>
    public virtual int TileValues => 0;

    /// <summary>Computes the scores of a tile: the products of its rows and the weights, plus the biases.</summary>
    /// <param name="tile">The rows, at most <see cref="TileRows"/>.</param>
    /// <param name="part">The part that receives the scores.</param>
    public abstract void Score(RowTile tile, FusedPart part);

    /// <summary>Adds the contribution of a tile to the gradients of a part. The slopes have replaced the scores of the tile.</summary>
    /// <param name="tile">The rows.</param>
    /// <param name="part">The part with the slopes and the gradients.</param>
    public abstract void AddGradients(RowTile tile, FusedPart part);

    /// <summary>Adds the slopes of a tile to the gradient of the biases.</summary>
    protected void AddBiasGradients(int rows, FusedPart part)
    {
        var columns = Layout.Columns;
        ref var slope = ref part.Scores.First;
        ref var gradient = ref part.BiasGradient.First;
        for (var column = 0; column < columns; column += AlignedArray.Lanes)
        {
            var sum = Vector512.LoadUnsafe(ref gradient, (nuint)column);
            for (var row = 0; row < rows; row++) sum += Vector512.LoadUnsafe(ref slope, (nuint)(row * columns + column));
            sum.StoreUnsafe(ref gradient, (nuint)column);
        }
    }
}
