namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Draws all combinations, one per trial. Each trial repeats the decisions of the previous one, except for the last decision that has
/// another value left. The decisions are found during a trial, because the hyperparameters that a space asks for can depend on earlier
/// values.
/// </summary>
internal sealed class GridDraw : Draw
{
    private readonly int _points;
    private readonly List<(int Index, int Count)> _decisions;
    private int _next;

    /// <param name="points">The number of points in a range.</param>
    /// <param name="decisions">The decisions to repeat.</param>
    public GridDraw(int points, IEnumerable<(int Index, int Count)> decisions) => (_points, _decisions) = (points, [.. decisions]);

    /// <summary>The first decisions of the next trial; null after the last trial.</summary>
    public IEnumerable<(int Index, int Count)>? Following
    {
        get
        {
            var last = _decisions.FindLastIndex(decision => decision.Index + 1 < decision.Count);
            return last < 0 ? null : _decisions.Take(last).Append((_decisions[last].Index + 1, _decisions[last].Count));
        }
    }

    private protected override double Unit() => _points == 1 ? 0.5 : Index(_points) / (_points - 1.0);

    private protected override long IntegerOf(int minimum, int maximum)
    {
        var count = (int)Math.Min(_points, (long)maximum - minimum + 1);
        return count == 1
            ? minimum + ((long)maximum - minimum) / 2
            : minimum + (long)Math.Round(((double)maximum - minimum) * Index(count) / (count - 1));
    }

    private protected override long LogIntegerOf(int minimum, int maximum)
    {
        if (_points == 1) return LogInteger(minimum, maximum, 0.5);
        // For small integers, several points can be the same integer.
        long[] values = [.. Enumerable.Range(0, _points).Select(point => LogInteger(minimum, maximum, point / (_points - 1.0))).Distinct()];
        return values[Index(values.Length)];
    }

    private protected override int Index(int count)
    {
        if (_next == _decisions.Count) _decisions.Add((0, count));
        return _decisions[_next++].Index;
    }
}
