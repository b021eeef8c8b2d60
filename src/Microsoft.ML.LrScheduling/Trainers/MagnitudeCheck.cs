using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Refuses rows whose squares no 32-bit float holds, where something squares them: training would diverge, or not move.</summary>
internal static class MagnitudeCheck
{
    // The root of the largest float, with a little room.
    private const float Largest = 1.8e19f;

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
                        $"Labels must be in [-1.8E+19, 1.8E+19], so that the squares of errors are numbers. Received: {label}. ")
                        + "Leave Standardize on, or divide the labels.");
        if (options.Optimizer is not Sgd && FeatureScales.FindUneven(rows) is { LargestScale: > Largest } found)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Features must be in [-1.8E+19, 1.8E+19] for {options.Optimizer.GetType().Name}, ")
                + "which divides by the root of squared gradients. Received: " + FormattableString.Invariant(
                    $"{found.LargestScale:G3} in feature {found.Largest}. Leave Standardize on, or bring the features to one scale."));
    }
}
