using System.Globalization;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The result of a <see cref="LearningRateFinder"/>: the loss after training with each rate, and the suggested rate.</summary>
public sealed record LearningRateCurve
{
    // The suggested rate may miss the reduction of the loss with the best rate by this fraction.
    private const double Slack = 0.02;

    // If rates that are higher by this factor do not reduce the loss further, it has reached its minimum.
    private const double Decade = 10;

    // A fall by a smaller part of the loss is flat. Where an option holds weights near zero, training with high rates only wanders about,
    // and comes below its start by more than that.
    private const double Flat = 0.001;
    private const double FlatWhereHeldBack = 0.01;

    // A loss that rises by a larger part of its fall before it comes to its least has come there by chance.
    private const double LargestRise = 0.5;

    /// <param name="points">The rates in ascending order, each with its loss.</param>
    /// <param name="initialLoss">The mean loss before the first step.</param>
    /// <param name="floor">What the mean loss is never below, whatever the scores are.</param>
    /// <param name="obstacle">Why no rate can be better than another, whatever the losses are; null for nothing.</param>
    /// <param name="heldBack">The options that hold weights near zero, with their values; empty for none.</param>
    internal LearningRateCurve(
        ValueList<LearningRatePoint> points, double initialLoss, double floor = 0, string? obstacle = null, string heldBack = "")
    {
        (Points, InitialLoss) = (points, initialLoss);
        (SuggestedRate, Reason) = obstacle is null ? Suggest(floor, heldBack) : (null, obstacle);
    }

    /// <summary>The rates in ascending order, each with its loss.</summary>
    public ValueList<LearningRatePoint> Points { get; }

    /// <summary>The mean loss over the same rows before the first step.</summary>
    public double InitialLoss { get; }

    /// <summary>
    /// The suggested rate: the lowest rate that reduces the loss from <see cref="InitialLoss"/> by at least 98 % of the reduction with the
    /// best rate. Null if the curve does not suggest a rate; <see cref="Reason"/> explains why.
    /// </summary>
    public double? SuggestedRate { get; }

    /// <summary>The reason for the suggestion. If there is no suggestion, it also says what to try.</summary>
    public string Reason { get; }

    /// <summary>Returns the suggested rate and the reason, on one line.</summary>
    public override string ToString() =>
        $"{(SuggestedRate is { } rate ? rate.ToString("G4", CultureInfo.InvariantCulture) : "no rate")}: {Reason}";

    private (double? Rate, string Reason) Suggest(double floor, string heldBack)
    {
        var best = Points.MinBy(point => point.Loss)!;
        var (lowest, highest) = (Points[0].Rate, Points[^1].Rate);
        var fall = InitialLoss - best.Loss;
        // Where training has not left its start, a lower rate changes nothing.
        var flat = (heldBack.Length > 0 ? FlatWhereHeldBack : Flat) * (InitialLoss - floor);
        if (Math.Abs(Points[0].Loss - InitialLoss) <= flat && !IsFallingTo(best) && (fall <= flat || RiseBefore(best) > LargestRise * fall))
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"No rate moves the loss from its initial value of {InitialLoss:G4} by more than chance; "
                + $"its lowest value is {best.Loss:G4}. ")
                + (heldBack.Length > 0
                    ? $"{heldBack} may hold the weights near zero: try less of it."
                    : "The features say too little about the label of other rows. Try other features, or more rows."));
        if (!(fall > 0))
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"With all rates from {lowest:G3} up, the loss rises above its initial value of {InitialLoss:G4}. Try a lower "
                + $"{nameof(LearningRateFinder.MinimumRate)}."));
        if (best.Rate == lowest)
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"The loss is lowest with the lowest rate, {lowest:G3}, and rises with higher rates. Try a lower "
                + $"{nameof(LearningRateFinder.MinimumRate)}."));
        best = BestButForChance() ?? best;
        var suggested = Points.First(point => point.Loss <= best.Loss + Slack * (InitialLoss - best.Loss)).Rate;
        if (best.Rate == highest && suggested * Decade > highest)
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"The loss still falls at the highest rate, {highest:G3}. Try a higher {nameof(LearningRateFinder.MaximumRate)}."));
        return (suggested, string.Create(
            CultureInfo.InvariantCulture,
            $"The loss falls from {InitialLoss:G4} to {best.Loss:G4} with a rate of {best.Rate:G3}. It falls nearly as far with "
            + $"{suggested:G3}, the lowest such rate."));
    }

    /// <summary>Whether the highest rate is the best one, and each rate better than the ones below it: all are too low.</summary>
    private bool IsFallingTo(LearningRatePoint best) =>
        best == Points[^1] && Points.Zip(Points.Skip(1)).All(pair => pair.Second.Loss < pair.First.Loss);

    /// <summary>How far the loss rises at most, over the rates up to the best one, above its least until then.</summary>
    private double RiseBefore(LearningRatePoint best)
    {
        var (rise, least) = (0.0, InitialLoss);
        foreach (var (_, loss) in Points.TakeWhile(point => point.Rate <= best.Rate).Where(point => double.IsFinite(point.Loss)))
        {
            rise = Math.Max(rise, loss - least);
            least = Math.Min(least, loss);
        }

        return rise;
    }

    /// <summary>
    /// The rate with the least loss, where a further fall counts only if it is larger than the rise before it: a smaller one is chance.
    /// Null where the loss does not fall below its initial value.
    /// </summary>
    private LearningRatePoint? BestButForChance()
    {
        var (rise, least, best) = (0.0, InitialLoss, default(LearningRatePoint));
        foreach (var point in Points.Where(point => double.IsFinite(point.Loss)))
            if (least - point.Loss > rise) (rise, least, best) = (0, point.Loss, point);
            else rise = Math.Max(rise, point.Loss - least);
        return best;
    }
}
