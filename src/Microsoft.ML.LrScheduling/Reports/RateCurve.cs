using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>The learning rate of a parameter group over the epochs of a training, from 0.</summary>
/// <param name="X">The position from which each rate applies, in epochs.</param>
/// <param name="Y">The rates.</param>
/// <param name="End">The position up to which the last rate applies.</param>
/// <param name="IsStepped">Whether each rate applies until the next one; otherwise straight lines join the points.</param>
internal sealed record RateCurve(IReadOnlyList<double> X, IReadOnlyList<double> Y, double End, bool IsStepped)
{
    /// <summary>The maximum number of schedule steps to compute for one curve, which takes less than a second.</summary>
    public const long MostSteps = 2_000_000;

    /// <summary>Whether the rate can change after each minibatch.</summary>
    public bool IsByBatch { get; private init; }

    /// <summary>Whether only some rates are known: those at the end of each epoch, or of equal parts of it.</summary>
    public bool IsSampled { get; private init; }

    /// <summary>
    /// Whether the points are certain to contain the highest rate. They are not if only some minibatches are known or computed.
    /// </summary>
    public bool HasHighest { get; private init; } = true;

    /// <summary>Finds the rates of a parameter group.</summary>
    /// <param name="history">The history of the training.</param>
    /// <param name="options">The options; null if they are not known.</param>
    /// <param name="group">The group.</param>
    /// <param name="mostPoints">The maximum number of points. More are not visible.</param>
    /// <param name="mostSteps">The maximum number of schedule steps to compute.</param>
    public static RateCurve Of(
        TrainingHistory history, LinearTrainerOptions? options, int group, int mostPoints, long mostSteps = MostSteps)
    {
        var end = history.Epochs is [.., { Epoch: var last }] ? last : 0.0;
        var (points, isSampled, hasHighest) = Points(history, options, group, mostPoints, mostSteps);
        var isThinned = points.Count > mostPoints;
        if (isThinned) points = Thinned(points, mostPoints);
        return new RateCurve(
            [.. points.Select(point => point.X)], [.. points.Select(point => point.Y)], end,
            IsStepped: !isThinned && !isSampled && hasHighest)
        {
            IsByBatch = IsOfBatches(history, options, group),
            IsSampled = isSampled,
            HasHighest = hasHighest,
        };
    }

    /// <summary>Adds a rate, unless it equals the previous one.</summary>
    public static void Add(List<(double X, double Y)> points, double x, double y)
    {
        if (points.Count == 0 || points[^1].Y != y) points.Add((x, y));
    }

    private static (List<(double X, double Y)> Points, bool IsSampled, bool HasHighest) Points(
        TrainingHistory history, LinearTrainerOptions? options, int group, int mostPoints, long mostSteps)
    {
        EpochRecord[] epochs = [.. history.Epochs.Where(epoch => group < epoch.LearningRates.Count)];
        var points = new List<(double X, double Y)>();
        var hasAll = epochs.Select(StepsIn).Distinct().ToArray() is [> 0 and var steps] && epochs[^1].Epoch == epochs.Length
            && steps == (RateWalk.StepsPerEpoch(history, options) ?? steps);
        if (hasAll || !IsOfBatches(history, options, group))
        {
            foreach (var (x, y) in epochs.SelectMany(epoch => Levels(epoch, group))) Add(points, x, y);
            return (points, false, true);
        }

        if (options is not null && new RateWalk(history, options, group).Find(mostSteps, mostPoints) is var (walked, isWhole))
            return (walked, false, isWhole);
        foreach (var epoch in epochs) points.AddRange(Ends(epoch, group));
        // The default schedule is a straight line, which is extrapolated back to the start of the first epoch.
        if (history.ScheduleText is null && points is [var first, var second, ..])
        {
            var start = epochs[0].Epoch - 1;
            var fall = (first.Y - second.Y) / (second.X - first.X);
            points.Insert(0, (start, Math.Max(first.Y, first.Y + fall * (first.X - start))));
        }

        return (points, points.Count > 1, false);
    }

    // If the schedule is not known, the history shows whether there are rates of minibatches.
    private static bool IsOfBatches(TrainingHistory history, LinearTrainerOptions? options, int group) =>
        RateWalk.ScheduleOf(history, options, group) is var (schedule, isByBatch, _)
        && (isByBatch || (schedule is null && history.Epochs.Any(epoch => epoch.BatchLearningRates.Count > 0)));

    private static int StepsIn(EpochRecord epoch) => epoch.BatchLearningRates.Count / epoch.LearningRates.Count;

    // The rates after evenly spaced minibatches. The last one is at the end of the epoch.
    private static IEnumerable<(double X, double Y)> Ends(EpochRecord epoch, int group)
    {
        var (groups, parts) = (epoch.LearningRates.Count, StepsIn(epoch));
        for (var part = 1; part < parts; part++)
            yield return (epoch.Epoch - 1 + (double)part / parts, epoch.BatchLearningRates[(part - 1) * groups + group]);
        yield return (epoch.Epoch, epoch.LearningRates[group]);
    }

    // The rate of an epoch applies from its start, the rate of a minibatch from the end of the previous one.
    private static IEnumerable<(double X, double Y)> Levels(EpochRecord epoch, int group)
    {
        var (groups, steps) = (epoch.LearningRates.Count, StepsIn(epoch));
        if (steps == 0) yield return (epoch.Epoch - 1, epoch.LearningRates[group]);
        for (var step = 0; step < steps; step++)
            yield return (epoch.Epoch - 1 + (double)step / steps, epoch.BatchLearningRates[step * groups + group]);
    }

    // Keeps the lowest and the highest point of each chunk, so that no peak is lost, and both ends.
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
