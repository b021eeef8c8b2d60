using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>Computes a loss of one score for 16 SIMD lanes, in single precision, for training.</summary>
internal interface ILossFormula
{
    /// <summary>Returns the losses, and their derivatives with respect to the scores.</summary>
    (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels);
}

/// <summary>Computes a loss of the margin for 16 SIMD lanes.</summary>
internal interface IMarginFormula
{
    /// <summary>Returns the losses, and their derivatives with respect to the margins.</summary>
    (Vector512<float> Value, Vector512<float> Slope) AtMargin(Vector512<float> margins);
}

/// <summary>Converts a formula of the margin to a formula of the score: if the label is false, score and slope change their sign.</summary>
internal readonly struct OfMargin<TFormula>(TFormula formula) : ILossFormula
    where TFormula : struct, IMarginFormula
{
    public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
    {
        var signs = Vector512.AndNot(Vector512.Create(-0f), Vector512.GreaterThan(labels, Vector512<float>.Zero));
        var (value, slope) = formula.AtMargin(scores ^ signs);
        return (value, slope ^ signs);
    }
}

/// <summary>
/// Applies formulas to minibatches. A formula is a struct, so that each has its own compiled loops with the formula inlined.
/// </summary>
internal static class LossFormula
{
    private static readonly int Lanes = Vector512<float>.Count;

    /// <summary>Computes the gradients of one model. SIMD lanes are rows. See <see cref="Loss.ToGradients"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double ToGradients<TFormula>(
        TFormula formula, Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
        where TFormula : struct, ILossFormula
    {
        var (sumOfLower, sumOfUpper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        ref var score = ref MemoryMarshal.GetReference(scores);
        ref var label = ref MemoryMarshal.GetReference(labels);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        var row = 0;
        for (; row <= labels.Length - Lanes; row += Lanes)
        {
            var (value, slope) = formula.At(Vector512.LoadUnsafe(ref score, (nuint)row), Vector512.LoadUnsafe(ref label, (nuint)row));
            if (!weights.IsEmpty)
            {
                var factor = Vector512.LoadUnsafe(ref weight, (nuint)row);
                (value, slope) = (value * factor, slope * factor);
            }

            slope.StoreUnsafe(ref score, (nuint)row);
            var (lower, upper) = Vector512.Widen(value);
            sumOfLower += lower;
            sumOfUpper += upper;
        }

        var sum = Vector512.Sum(sumOfLower + sumOfUpper);
        return row == labels.Length ? sum : sum + Rest(formula, scores[row..], labels[row..], weights.IsEmpty ? [] : weights[row..]);
    }

    /// <summary>Computes the gradients of many models. SIMD lanes are models. See <see cref="Loss.ToGradientsOfModels"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToGradientsOfModels<TFormula>(
        TFormula formula, Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses)
        where TFormula : struct, ILossFormula
    {
        ref var score = ref MemoryMarshal.GetReference(scores);
        for (var first = 0; first < losses.Length; first += Lanes)
        {
            var sum = Vector512<float>.Zero;
            for (var row = 0; row < labels.Length; row++)
            {
                var at = (nuint)(row * losses.Length + first);
                var (value, slope) = formula.At(Vector512.LoadUnsafe(ref score, at), Vector512.Create(labels[row]));
                if (!weights.IsEmpty)
                {
                    var factor = Vector512.Create(weights[row]);
                    (value, slope) = (value * factor, slope * factor);
                }

                slope.StoreUnsafe(ref score, at);
                sum += value;
            }

            Add(sum, losses[first..]);
        }
    }

    /// <summary>Adds the sums of 16 models to the first 16 losses.</summary>
    public static void Add(Vector512<float> sums, Span<double> losses)
    {
        var (lower, upper) = Vector512.Widen(sums);
        ref var loss = ref MemoryMarshal.GetReference(losses[..Lanes]);
        (Vector512.LoadUnsafe(ref loss) + lower).StoreUnsafe(ref loss);
        (Vector512.LoadUnsafe(ref loss, 8) + upper).StoreUnsafe(ref loss, 8);
    }

    private static double Rest<TFormula>(TFormula formula, Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
        where TFormula : struct, ILossFormula
    {
        if (labels.Length == 1)
        {
            // For a single row, the copies below would take longer than the computation.
            var (value, slope) = formula.At(Vector512.Create(scores[0]), Vector512.Create(labels[0]));
            var weight = weights.IsEmpty ? 1 : weights[0];
            scores[0] = slope[0] * weight;
            return value[0] * weight;
        }

        Span<float> paddedScores = stackalloc float[Lanes], paddedLabels = stackalloc float[Lanes], paddedWeights = stackalloc float[Lanes];
        paddedScores.Clear();
        paddedLabels.Clear();
        // The padding has a weight of zero.
        paddedWeights.Clear();
        scores.CopyTo(paddedScores);
        labels.CopyTo(paddedLabels);
        if (weights.IsEmpty) paddedWeights[..labels.Length].Fill(1);
        else weights.CopyTo(paddedWeights);
        var sum = ToGradients(formula, paddedScores, paddedLabels, paddedWeights);
        paddedScores[..scores.Length].CopyTo(scores);
        return sum;
    }
}
