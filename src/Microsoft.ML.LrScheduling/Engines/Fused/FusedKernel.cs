using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>The two products of a step, over a tile: rows that the nearest cache holds, so that they are fetched once for both.</summary>
/// <remarks>
/// Loops over rows, here and where windows, losses and updates have them, are compiled with all optimizations at once: a training may be
/// over before the runtime would find out that they are worth it.
/// </remarks>
internal abstract class FusedKernel(TrainingSet set, WeightLayout layout, AlignedArray weights, AlignedArray biases)
{
    private const int TileBytes = 1 << 14;
    private const int LeastTileRows = 16;
    private const int MostTileRows = 256;

    /// <summary>Where the weights stand.</summary>
    protected WeightLayout Layout => layout;

    /// <summary>The weights.</summary>
    protected AlignedArray Weights => weights;

    /// <summary>The biases, a column.</summary>
    protected AlignedArray Biases => biases;

    /// <summary>The lanes of the last vector of a row that are features.</summary>
    protected Vector512<float> LastLanes { get; } = Vector512.LessThan(
        Vector512<int>.Indices, Vector512.Create((layout.Features - 1) % AlignedArray.Lanes + 1)).AsSingle();

    /// <summary>The most rows of a tile, a multiple of 16.</summary>
    public int TileRows { get; } =
        Math.Clamp(TileBytes / sizeof(float) / (set.ValuesPerRow + layout.Columns), LeastTileRows, MostTileRows)
            / AlignedArray.Lanes * AlignedArray.Lanes;

    /// <summary>The values that a tile keeps of each row.</summary>
    public virtual int TileValues => 0;

    /// <summary>The scores of a tile: its rows times the weights, plus the biases.</summary>
    /// <param name="tile">The rows, at most <see cref="TileRows"/>.</param>
    /// <param name="part">Receives them.</param>
    public abstract void Score(RowTile tile, FusedPart part);

    /// <summary>Adds to the gradients of a part what the slopes of a tile, which stand in place of its scores, contribute.</summary>
    /// <param name="tile">The rows.</param>
    /// <param name="part">Has the slopes, and receives the gradients.</param>
    public abstract void AddGradients(RowTile tile, FusedPart part);

    /// <summary>Adds the slopes of a tile to the gradient of the biases, column by column.</summary>
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
