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

    internal LearningRateCurve(ValueList<LearningRatePoint> points, double initialLoss, bool hasSignal)
    {
        (Points, InitialLoss) = (points, initialLoss);
        (SuggestedRate, Reason) = hasSignal
            ? Suggest()
            : (null, "The features do not predict the label better than chance, so that no rate is better than another. Try other "
                + "features, or more rows.");
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

    private (double? Rate, string Reason) Suggest()
    {
        var best = Points.MinBy(point => point.Loss)!;
        var (lowest, highest) = (Points[0].Rate, Points[^1].Rate);
        if (!(best.Loss < InitialLoss))
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"With all rates from {lowest:G3} up, the loss rises above its initial value of {InitialLoss:G4}. Try a lower "
                + $"{nameof(LearningRateFinder.MinimumRate)}."));
        if (best.Rate == lowest)
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"The loss is lowest with the lowest rate, {lowest:G3}, and rises with higher rates. Try a lower "
                + $"{nameof(LearningRateFinder.MinimumRate)}."));
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
}
