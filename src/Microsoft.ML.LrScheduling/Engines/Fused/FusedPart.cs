using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>The buffers of one part of a minibatch. Each part has its own, so that several threads can compute parts.</summary>
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

    /// <summary>The scores of a tile, [row, column]. The slopes (derivatives of the loss) replace them.</summary>
    public AlignedArray Scores { get; }

    /// <summary>A vector of sums for each of sixteen rows.</summary>
    public AlignedArray Sums { get; }

    /// <summary>A copy of the features of a tile; empty if the kernel reads them in place.</summary>
    public AlignedArray Tile { get; }

    /// <summary>The sum of slope · feature over the rows, in the layout of the weights.</summary>
    public AlignedArray Gradient { get; }

    /// <summary>The sum over the rows of the slopes.</summary>
    public AlignedArray BiasGradient { get; }

    /// <summary>The sum of the losses, one entry per model.</summary>
    public double[] Losses { get; }
}
