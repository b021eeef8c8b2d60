using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>Orders and windows as lists of rows.</summary>
internal static class RowWindows
{
    /// <summary>The rows of a window, in the order of the visit.</summary>
    public static int[] Visit(this RowOrder order, int epoch, int window)
    {
        var (rows, positions) = (new int[order.WindowRows], new int[order.WindowRows]);
        var count = order.Fill(epoch, window, rows, positions);
        if (!order.IsShuffledWithinWindows) return rows[..count];
        var visited = new int[count];
        for (var i = 0; i < count; i++) visited[positions[i]] = rows[i];
        return visited;
    }

    /// <summary>The rows of an epoch, in the order of the visit.</summary>
    public static int[] Visit(this RowOrder order, int epoch) => [.. Enumerable.Range(0, order.WindowCount).SelectMany(window => order.Visit(epoch, window))];

    /// <summary>A window of given rows.</summary>
    public static RowWindow Window(this TrainingSet set, ReadOnlySpan<int> rows, bool isPacked)
    {
        var window = new RowWindow(set, rows.Length, isPacked);
        window.Fill(rows, []);
        return window;
    }
}
