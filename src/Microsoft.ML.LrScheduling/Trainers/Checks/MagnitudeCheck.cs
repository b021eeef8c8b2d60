using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Refuses rows whose squares no 32-bit float holds, where something squares them: training would diverge, or not move.</summary>
internal static class MagnitudeCheck
{
    // The root of the largest float, with a little room.
    private const float Largest = 1.8e19f;

    // Of λ · rate: the first steps of RMSprop and of schedules that raise the rate make weights of up to some thousand rates.
    private const double LargestPenalty = 1e15;

    /// <summary>Refuses rows that are trained on as they came.</summary>
    /// <param name="options">The options.</param>
    /// <param name="loss">What is to be learned.</param>
    /// <param name="rows">The training rows.</param>
    /// <exception cref="InvalidOperationException">Labels or features are too large.</exception>
    public static void Check(LinearTrainerOptions options, Loss loss, TrainingSet rows)
    {
        if (rows.Standardization is not null) return;
        if (loss is SquaredLoss)
            foreach (var label in rows.LabelsAndWeights().Labels)
                if (Math.Abs(label) > Largest)
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"Labels must be in [-1.8E+19, 1.8E+19], since larger errors overflow when they are squared. Received: {label}. ")
                        + "Leave Standardize on, or divide the labels.");
        if (options.Optimizer is not Sgd && FeatureScales.FindUneven(rows) is { LargestScale: > Largest } found)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Features must be in [-1.8E+19, 1.8E+19] for {options.Optimizer.GetType().Name}, ")
                + "which divides by the root of squared gradients. Received: " + FormattableString.Invariant(
                    $"{found.LargestScale:G3} in feature {found.Largest}. Leave Standardize on, or scale the features."));
    }

    /// <summary>
    /// Refuses a penalty whose part of a gradient, λ · weight, has no square: a weight would be divided by infinity, and stay where it is.
    /// A step of these optimizers is a few rates long, however large the gradient is.
    /// </summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="l2">The trainer's own λ.</param>
    /// <param name="rate">The rate that weights begin with.</param>
    /// <param name="initial">The weights that training begins with; empty for zeros.</param>
    /// <exception cref="InvalidOperationException">The penalty is too large.</exception>
    public static void CheckPenalty(Optimizer optimizer, double l2, double rate, ReadOnlySpan<float> initial)
    {
        var (penalty, largest) = (l2 + optimizer.GradientDecay, 0f);
        foreach (var weight in initial) largest = Math.Max(largest, Math.Abs(weight));
        if (optimizer is Sgd || penalty == 0 || (penalty * rate <= LargestPenalty && penalty * largest <= Largest)) return;
        var kind = optimizer.GetType().Name;
        throw new InvalidOperationException(FormattableString.Invariant(
            $"L2Regularization must be at most {Math.Min(LargestPenalty / rate, Largest / largest):G3} for {kind} at a learning rate of ")
            + FormattableString.Invariant($"{rate:G3}")
            + (largest == 0 ? "" : FormattableString.Invariant($" and from weights of up to {largest:G3}"))
            + ", with weightDecay, since it divides by the root of squared gradients. Received: "
            + FormattableString.Invariant($"{penalty:G3}. Use a smaller penalty, or Sgd."));
    }
}
