using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>Orders and windows as lists of rows.</summary>
internal static class RowWindows
{
    /// <summary>The rows of a window, in the order of the visit.</summary>
    public static int[] Visit(this RowOrder order, int epoch, int window)
    {
        int[] rows = [.. order.Runs(epoch, window).ToArray().SelectMany(run => Enumerable.Range(run.Start, run.Count))];
        var places = order.Places(epoch, window);
        if (places.IsEmpty) return rows;
        var visited = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++) visited[places[i]] = rows[i];
        return visited;
    }

    /// <summary>The rows of an epoch, in the order of the visit.</summary>
    public static int[] Visit(this RowOrder order, int epoch) =>
        [.. Enumerable.Range(0, order.WindowCount).SelectMany(window => order.Visit(epoch, window))];

    /// <summary>A window of given rows.</summary>
    public static RowWindow Window(this TrainingSet set, ReadOnlySpan<int> rows, bool isPacked)
    {
        var window = new RowWindow(set, rows.Length, isPacked);
        window.Fill([.. rows.ToArray().Select(row => new RowRun(row, 1))], []);
        return window;
    }
}
