using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>Consecutive rows of a window, few enough to fit into the nearest cache.</summary>
/// <param name="Window">The window.</param>
/// <param name="Start">The first row.</param>
/// <param name="Count">The number of rows.</param>
internal readonly record struct RowTile(RowWindow Window, int Start, int Count)
{
    /// <summary>The labels.</summary>
    public ReadOnlySpan<float> Labels => Window.Labels(Start, Count);

    /// <summary>The example weights; empty if the rows have none.</summary>
    public ReadOnlySpan<float> Weights => Window.Weights(Start, Count);
}
