using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>A learning rate over the epochs of a training, from 0.</summary>
/// <param name="X">Where each rate begins to hold.</param>
/// <param name="Y">The rates.</param>
/// <param name="End">Where the last one ends to hold.</param>
/// <param name="IsStepped">Whether a rate holds until the next one; else it goes there in a straight line.</param>
internal sealed record RateCurve(IReadOnlyList<double> X, IReadOnlyList<double> Y, double End, bool IsStepped)
{
    /// <summary>The rates of a parameter group.</summary>
    /// <param name="history">What happened.</param>
    /// <param name="group">The group.</param>
    /// <param name="mostPoints">The most points: more cannot be seen.</param>
    public static RateCurve Of(TrainingHistory history, int group, int mostPoints)
    {
        var points = new List<(double X, double Y)>();
        foreach (var epoch in history.Epochs)
            foreach (var point in Levels(epoch, group))
                if (points.Count == 0 || points[^1].Y != point.Y)
                    points.Add(point);
        var end = history.Epochs is [.., { Epoch: var last }] ? last : 0.0;
        // Of the schedule by default a history has the rate of the last minibatch of each epoch.
        var falls = history.Schedule is null ? history.ScheduleText is null : history.Schedule.StepsByBatch;
        var isSampled = falls && history.Epochs is [_, _, ..] && history.Epochs.All(epoch => epoch.BatchLearningRates.Count == 0);
        if (isSampled && points.Count > 1)
        {
            points = [.. history.Epochs.Select(epoch => ((double)epoch.Epoch, epoch.LearningRates[group]))];
            points.Insert(0, (points[0].X - 1, Math.Max(points[0].Y, 2 * points[0].Y - points[1].Y)));
        }

        var isThinned = points.Count > mostPoints;
        if (isThinned) points = Thinned(points, mostPoints);
        return new RateCurve(
            [.. points.Select(point => point.X)], [.. points.Select(point => point.Y)], end, !isThinned
                && !(isSampled && points.Count > 1));
    }

    // A rate of an epoch holds from its beginning, one of a minibatch from the end of the one before.
    private static IEnumerable<(double X, double Y)> Levels(EpochRecord epoch, int group)
    {
        var groups = epoch.LearningRates.Count;
        if (group >= groups) yield break;
        var steps = epoch.BatchLearningRates.Count / groups;
        if (steps == 0) yield return (epoch.Epoch - 1, epoch.LearningRates[group]);
        for (var step = 0; step < steps; step++)
            yield return (epoch.Epoch - 1 + (double)step / steps, epoch.BatchLearningRates[step * groups + group]);
    }

    // The lowest and the highest of every few, so that no peak is lost; and the ends.
    private static List<(double X, double Y)> Thinned(List<(double X, double Y)> points, int most)
    {
        var thinned = new List<(double X, double Y)> { points[0] };
        foreach (var some in points[1..^1].Chunk((points.Count - 1) / Math.Max(1, (most - 2) / 2) + 1))
        {
            var (low, high) = (some.MinBy(point => point.Y), some.MaxBy(point => point.Y));
            thinned.AddRange(low == high ? [low] : low.X < high.X ? [low, high] : [high, low]);
        }

        thinned.Add(points[^1]);
        return thinned;
    }
}
