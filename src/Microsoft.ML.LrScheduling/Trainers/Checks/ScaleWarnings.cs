using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using static System.FormattableString;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Warnings before training about the scales of features and labels.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="rows">The rows.</param>
internal sealed class ScaleWarnings(LinearTrainerOptions options, TrainerRows rows)
{
    private readonly SlotNames _names = SlotNames.Of(rows.Schema[options.FeatureColumnName]);

    /// <summary>Returns the warnings.</summary>
    /// <param name="rate">The initial learning rate.</param>
    /// <param name="steps">The number of steps in the whole training.</param>
    public IEnumerable<string> For(double rate, long steps)
    {
        if (!options.Standardize)
        {
            if (OfFeatures() is { } ofFeatures) yield return ofFeatures;
            if (OfLabels(rate, steps) is { } ofLabels) yield return ofLabels;
        }

        if (OfZeros() is { } ofZeros) yield return ofZeros;
        if (OfValidation() is { } ofValidation) yield return ofValidation;
        if (OfValidationLabels() is { } ofValidationLabels) yield return ofValidationLabels;
    }

    private string WhatToDo =>
        $"All features have the same learning rate. Set Standardize to true, or put NormalizeMeanVariance(\"{options.FeatureColumnName}\", "
        + "fixZero: false) before the trainer.";

    private string? OfFeatures()
    {
        if (FeatureScales.FindUneven(rows.Training) is var (smallest, smallestScale, largest, largestScale))
        {
            var scales = smallest == largest
                ? Invariant($"{_names.Sentence(largest)} has a large scale, about {largestScale:G2}. ")
                : Invariant(
                    $"The features have different scales, or a large one: {_names.Name(smallest)} is about {smallestScale:G2} and ")
                    + Invariant($"{_names.Name(largest)} about {largestScale:G2} where they are not zero. ");
            return scales + WhatToDo;
        }

        return FeatureScales.FindOffCenter(rows.Training) is var (feature, mean, deviation)
            ? Invariant($"{_names.Sentence(feature)} is not centred: its mean is about {mean:G3}, ")
                + Invariant($"its standard deviation {deviation:G2}. ") + WhatToDo
            : null;
    }

    /// <summary>
    /// Warns if the bias cannot reach the mean of the labels: a step has a maximum length, so a number of steps has one too.
    /// </summary>
    private string? OfLabels(double rate, long steps)
    {
        // These schedules do not use the initial rate.
        if (rows.Task.Loss is not RegressionLoss loss || options.LearningRateSchedule is OneCycleLR or CyclicLR) return null;
        // With the Poisson loss, the scores are logarithms of the labels, so this check does not apply.
        var longestStep = loss is PoissonLoss ? double.PositiveInfinity : options.Optimizer is Sgd ? rate * loss.LargestSlope : rate;
        var (labels, weights) = rows.Training.LabelsAndWeights();
        var center = LabelScale.Of(labels, weights).Center;
        return steps * longestStep < Math.Abs(center)
            ? Invariant($"Labels are about {center:G3}, and {Quantity.Of(steps, "step")} at a learning rate of {rate:G3} move the bias ")
                + Invariant($"by at most {steps * longestStep:G3}. Set Standardize to true, increase LearningRate, or scale the ")
                + "label down."
            : null;
    }

    private string? OfZeros() => ZerosFarOff.Find(rows.Training) is var (feature, mean, deviation, zeros)
        ? Invariant($"{_names.Sentence(feature)} is 0 in {zeros} of {Quantity.Of(rows.Training.RowCount, "row")}, and about {mean:G4} ")
            + Invariant($"with a standard deviation of {deviation:G2} in the others. Beside the zeros a linear model hardly sees these ")
            + "differences. If 0 stands for a missing value, replace it with the mean, or subtract the mean from the other values."
        : null;

    private string? OfValidation()
    {
        if (rows.Validation is not { } validation) return null;
        if (FeatureScales.FindShifted(rows.Training, validation) is var (feature, mean, there, deviation))
            return Differs(Invariant($"the mean of {_names.Name(feature)} is about {there:G3}, ")
                + Invariant($"and {mean:G3} with a standard deviation of {deviation:G2} in the training rows. "));
        return FeatureScales.FindOtherUnit(rows.Training, validation) is var (other, size, otherSize)
            ? Differs(Invariant($"the root mean square of {_names.Name(other)} is about {otherSize:G3}, ")
                + Invariant($"and {size:G3} in the training rows. "))
            : null;
    }

    private string? OfValidationLabels()
    {
        if (rows.Task.Loss is not RegressionLoss || rows.Validation is not { } validation) return null;
        var ((own, weights), (others, otherWeights)) = (rows.Training.LabelsAndWeights(), validation.LabelsAndWeights());
        var ((mean, deviation), (otherMean, otherDeviation)) = (LabelScale.Of(own, weights), LabelScale.Of(others, otherWeights));
        return FeatureScales.DifferInUnit(own, others)
            || (rows.Training.OnlyLabel is null && FeatureScales.AreFar(mean, deviation, otherMean, others.Length))
            ? Differs(Invariant($"the mean of their labels is about {otherMean:G3}, ")
                + Invariant($"and {mean:G3} with a standard deviation of {deviation:G2} in the training rows. "))
            : null;
    }

    private static string Differs(string how) =>
        $"The validation rows differ strongly from the training rows: {how}Apply the same transformers to both.";
}
