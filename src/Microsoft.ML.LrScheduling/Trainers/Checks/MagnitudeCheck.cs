using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Rejects values whose squares overflow a float, if training squares them: training would diverge, or the weights would not move.
/// </summary>
internal static class MagnitudeCheck
{
    // Slightly below the square root of the largest float.
    private const float Largest = 1.8e19f;

    // The logarithm of the largest float is 89: the product of a label and a score, its logarithm, does not overflow below this.
    private const float LargestCount = 1e36f;

    // Half of the largest difference of two labels that does not overflow.
    private const float LargestStandardized = 1.7e38f;

    // The limit of λ · rate. The first steps of RMSprop, and schedules that raise the rate, can make weights as large as a thousand times
    // the rate.
    private const double LargestPenalty = 1e15;

    /// <summary>Checks the labels, and the features if they are not standardized.</summary>
    /// <param name="options">The options.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="rows">The training rows.</param>
    /// <exception cref="InvalidOperationException">Labels or features are too large.</exception>
    public static void Check(LinearTrainerOptions options, Loss loss, TrainingSet rows)
    {
        if (rows.Standardization is not null)
        {
            if (loss is RegressionLoss) CheckStandardized(loss, rows.LabelsAndWeights().Labels);
            return;
        }

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

    private static void CheckStandardized(Loss loss, float[] labels)
    {
        var (least, most) = (labels.Min(), labels.Max());
        if (loss is PoissonLoss && most > LargestCount)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Labels must be in [0, 1E+36] for the Poisson loss, which multiplies them by scores. Received: {most}. ")
                + "Divide the labels.");
        if (most / 2 - least / 2 > LargestStandardized)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Labels must be within 3.4E+38 of each other, since larger errors overflow. Received: {least} to {most}. ")
                + "Divide the labels.");
    }

    /// <summary>
    /// Checks that the gradient of a penalty, λ · weight, has a square. Otherwise the optimizer would divide it by infinity, and the weight
    /// would not move. A step of these optimizers is only a few times the rate, however large the gradient is.
    /// </summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="l2">λ of the trainer's penalty.</param>
    /// <param name="rate">The initial rate of the weights.</param>
    /// <param name="initial">The initial weights; empty for zeros.</param>
    /// <exception cref="InvalidOperationException">The penalty is too large.</exception>
    public static void CheckPenalty(Optimizer optimizer, double l2, double rate, ReadOnlySpan<float> initial)
    {
        var (penalty, largest) = (l2 + optimizer.CoupledWeightDecay, 0f);
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
