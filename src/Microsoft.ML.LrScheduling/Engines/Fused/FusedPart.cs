using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>What one part of a minibatch needs to itself, so that several can be computed at the same time.</summary>
internal sealed class FusedPart
{
    public FusedPart(WeightLayout layout, int tileRows, int tileValues, int gradientLength)
    {
        Scores = new AlignedArray(AlignedArray.Padded(tileRows) * layout.Columns);
        Sums = new AlignedArray(AlignedArray.Lanes * AlignedArray.Lanes);
        Tile = new AlignedArray(tileRows * tileValues);
        Gradient = new AlignedArray(gradientLength);
        BiasGradient = new AlignedArray(layout.BiasLength);
        Losses = new double[layout.PaddedModels];
    }

    /// <summary>The scores of a tile of rows, [row, column], which become slopes.</summary>
    public AlignedArray Scores { get; }

    /// <summary>A vector of sums for each of sixteen rows.</summary>
    public AlignedArray Sums { get; }

    /// <summary>The features of a tile of rows; empty where a kernel reads them where they are.</summary>
    public AlignedArray Tile { get; }

    /// <summary>The sum over the rows of slope · feature, laid out as the weights are.</summary>
    public AlignedArray Gradient { get; }

    /// <summary>The sum over the rows of the slopes.</summary>
    public AlignedArray BiasGradient { get; }

    /// <summary>The sum of the losses, a model.</summary>
    public double[] Losses { get; }
}
