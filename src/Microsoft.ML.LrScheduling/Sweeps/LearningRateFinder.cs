using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Finds a learning rate by a range test: a few hundred minibatches with rates that rise exponentially, until the loss explodes. Where
/// the smoothed loss falls fastest is a good rate to begin with. Source: Smith, "Cyclical learning rates for training neural networks",
/// WACV 2017; the smoothing and the steepest point as fastai has them.
/// </summary>
public sealed record LearningRateFinder
{
    // Of the mean of all losses so far, each one counts so much less than the next.
    private const double Smoothing = 0.95;
    private const double Explosion = 4;
    private const int LeastPoints = 10;

    /// <summary>The first rate, in (0, ∞). Default: 1e-6.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, ∞).</exception>
    public double MinimumRate { get; init => field = Argument.Positive(value, nameof(MinimumRate)); } = 1e-6;

    /// <summary>The last rate, above the first. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, ∞).</exception>
    public double MaximumRate { get; init => field = Argument.Positive(value, nameof(MaximumRate)); } = 10;

    /// <summary>The minibatches, at least 20. Default: 400.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 20.</exception>
    public int Steps { get; init => field = Argument.AtLeast(value, 20, nameof(Steps)); } = 400;

    /// <summary>Tries the rates.</summary>
    /// <param name="trainer">The trainer, of whose options the rate and the schedule do not matter.</param>
    /// <param name="trainData">The training rows, read once.</param>
    /// <exception cref="ArgumentException">The last rate is not above the first.</exception>
    /// <exception cref="InvalidOperationException"><c>Fit</c> would say so; or the loss falls with none of the rates.</exception>
    public LearningRateCurve Find<TTransformer, TBuiltIn, TModel>(
        LinearTrainerBase<TTransformer, TBuiltIn, TModel> trainer, IDataView trainData)
        where TTransformer : LinearTransformerBase<TBuiltIn, TModel>
        where TBuiltIn : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(trainData);
        if (MaximumRate <= MinimumRate)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"MaximumRate must be above MinimumRate ({MinimumRate}). Received: {MaximumRate}"));
        }
        return TryRates(trainer, trainData);
    }

    private LearningRateCurve TryRates(ISweptTrainer trainer, IDataView trainData)
    {
        var cancellation = new Cancellation(() => false, BestBy: null, trainer.Options.CancellationToken);
        using var rows = trainer.Read(trainData, validationData: null, cancellation);
        using var windows = new WindowLoader(rows.Training, trainer.OrderOf(rows));
        using var engine = trainer.CreateEngine(rows, [rows.SettingsFor(trainer.Options)], windows.WindowRows);
        var points = ImmutableArray.CreateBuilder<LearningRatePoint>();
        var (mean, least) = (0.0, double.PositiveInfinity);
        for (var (epoch, window) = (0, 0);
            points.Count < Steps;
            (epoch, window) = window + 1 < windows.WindowCount ? (epoch, window + 1) : (epoch + 1, 0))
        {
            var inWindow = windows.Load(epoch, window);
            engine.LoadWindow(inWindow);
            for (var start = 0; start < inWindow.Count && points.Count < Steps; start += trainer.Options.BatchSize)
            {
                cancellation.ThrowIfRequested();
                var rate = MinimumRate * Math.Pow(MaximumRate / MinimumRate, points.Count / (Steps - 1.0));
                engine.Step(start, Math.Min(trainer.Options.BatchSize, inWindow.Count - start), [rate, rate], []);
                var loss = engine.LastLoss(0);
                mean = Smoothing * mean + (1 - Smoothing) * loss;
                // Without the bias towards the zero that the mean began with.
                var smoothed = mean / (1 - Math.Pow(Smoothing, points.Count + 1));
                if (!double.IsFinite(smoothed) || (points.Count > LeastPoints && smoothed > Explosion * least))
                    return new LearningRateCurve(points.ToImmutable());
                least = Math.Min(least, smoothed);
                points.Add(new LearningRatePoint(rate, loss, smoothed));
            }
        }

        return new LearningRateCurve(points.ToImmutable());
    }
}

/// <summary>What a range test found.</summary>
public sealed record LearningRateCurve
{
    // The slope at a point is that of a line through a tenth of all points around it: the loss of a minibatch is mostly noise.
    private const int PartsOfReach = 20;

    internal LearningRateCurve(ImmutableArray<LearningRatePoint> points) => Points = points;

    /// <summary>The rates in ascending order, up to the one with which the loss exploded, and their losses.</summary>
    public ImmutableArray<LearningRatePoint> Points { get; }

    /// <summary>The rate at which the logarithm of the smoothed loss falls fastest with the logarithm of the rate.</summary>
    /// <exception cref="InvalidOperationException">The loss falls with none of the rates.</exception>
    public double SuggestedRate
    {
        get
        {
            var reach = Points.Length / PartsOfReach;
            var (best, steepest) = (-1, 0.0);
            for (var i = reach; reach > 0 && i < Points.Length - reach; i++)
            {
                var slope = 0.0;
                for (var j = -reach; j <= reach; j++) slope += j * Math.Log(Points[i + j].SmoothedLoss);
                if (slope < steepest) (best, steepest) = (i, slope);
            }

            return best >= 0 ? Points[best].Rate : throw new InvalidOperationException(
                $"The loss falls with none of the {Points.Length} rates that were tried. Try others, or bring the features to one scale "
                + "(NormalizeMeanVariance).");
        }
    }
}

/// <summary>A minibatch of a range test.</summary>
/// <param name="Rate">The learning rate of its step.</param>
/// <param name="Loss">Its loss before that step.</param>
/// <param name="SmoothedLoss">The mean of the losses so far, the newer counting more.</param>
public sealed record LearningRatePoint(double Rate, double Loss, double SmoothedLoss);
