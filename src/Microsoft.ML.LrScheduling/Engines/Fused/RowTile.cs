using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>Rows of a window that follow one another: so many that the nearest cache holds them.</summary>
/// <param name="Window">The window.</param>
/// <param name="Start">The first row.</param>
/// <param name="Count">The number of rows.</param>
internal readonly record struct RowTile(RowWindow Window, int Start, int Count)
{
    /// <summary>The labels.</summary>
    public ReadOnlySpan<float> Labels => Window.Labels(Start, Count);

    /// <summary>The weights; empty where rows have none.</summary>
    public ReadOnlySpan<float> Weights => Window.Weights(Start, Count);
}
