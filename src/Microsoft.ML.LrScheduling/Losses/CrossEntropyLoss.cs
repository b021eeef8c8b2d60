using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>−Σ t · log p</c> over the classes, in nats (natural logarithm), where <c>p = softmax(scores)</c>. The target t is <c>ε / classes</c>
/// for each class, plus <c>1 − ε</c> for the true class. The gradient is <c>p − t</c>. Source: PyTorch's <c>CrossEntropyLoss</c>; label
/// smoothing: Szegedy et al., "Rethinking the Inception architecture", 2016.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchMaximumEntropyTrainer.Options { Loss = MulticlassLoss.CrossEntropy(labelSmoothing: 0.1) };
/// </code>
/// </example>
public sealed record CrossEntropyLoss : MulticlassLoss
{
    private static readonly int Lanes = Vector512<float>.Count;

    /// <summary>ε, the part of the target that is spread over all classes, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double LabelSmoothing { get; init => field = Argument.FractionOrZero(value, "labelSmoothing"); }

    internal override double Value(ReadOnlySpan<float> scores, float label)
    {
        // The highest score is subtracted, so that the exponentials cannot overflow.
        var highest = float.NegativeInfinity;
        foreach (var score in scores) highest = Math.Max(highest, score);
        double exponentials = 0, distances = 0;
        foreach (var score in scores)
        {
            exponentials += Math.Exp((double)score - highest);
            distances += (double)score - highest;
        }

        // For each class, −log p is logarithm − distance.
        var logarithm = Math.Log(exponentials);
        return (1 - LabelSmoothing) * (logarithm - ((double)scores[(int)label] - highest))
            + LabelSmoothing * logarithm - LabelSmoothing / scores.Length * distances;
    }

    internal override double UntrainedLoss(float label) => 1;

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 0.5;

    internal override double Information(ReadOnlySpan<float> scores)
    {
        double sum = 0, squares = 0;
        foreach (var score in scores)
        {
            var exponential = Math.Exp(score);
            sum += exponential;
            squares += exponential * exponential;
        }

        // The mean of p · (1 − p) over the classes. The sum of p is 1.
        return (1 - squares / (sum * sum)) / scores.Length;
    }

    internal override void FindBestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> scores)
    {
        var (sums, total) = (new double[scores.Length], 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1.0 : weights[i];
            total += weight;
            sums[(int)labels[i]] += weight;
        }

        // A class has at least the weight of half an average row, so that the logarithm is finite.
        for (var output = 0; output < sums.Length; output++)
        {
            var share = Math.Max(sums[output] / total, 0.5 / labels.Length);
            scores[output] = (float)Math.Log((1 - LabelSmoothing) * share + LabelSmoothing / sums.Length);
        }
    }

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var stride = scores.Length / labels.Length;
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var weight = weights.IsEmpty ? 1f : weights[row];
            sum += (double)weight * ToGradient(scores.Slice(row * stride, outputs), (int)labels[row], weight);
        }

        return sum;
    }

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses)
    {
        var models = losses.Length;
        for (var first = 0; first < models; first += Lanes)
        {
            var sum = Vector512<float>.Zero;
            for (var row = 0; row < labels.Length; row++)
            {
                ref var score = ref scores[row * outputs * models + first];
                var weight = Vector512.Create(weights.IsEmpty ? 1f : weights[row]);
                sum += weight * ToGradient(ref score, models, outputs, (int)labels[row], weight);
            }

            LossFormula.Add(sum, losses[first..]);
        }
    }

    /// <summary>Turns the scores of one row into the gradient and returns the loss without the weight. SIMD lanes are classes.</summary>
    private float ToGradient(Span<float> scores, int label, float weight)
    {
        var rest = scores[(scores.Length / Lanes * Lanes)..];
        // The padding of the last vector has a probability of zero.
        Span<float> last = stackalloc float[Lanes];
        last.Fill(float.NegativeInfinity);
        rest.CopyTo(last);
        ref var score = ref MemoryMarshal.GetReference(scores);
        var end = (nuint)(scores.Length - rest.Length);
        var lastScores = Vector512.Create<float>(last);

        var highest = lastScores;
        for (nuint i = 0; i < end; i += (nuint)Lanes) highest = Vector512.Max(highest, Vector512.LoadUnsafe(ref score, i));
        var eight = Vector256.Max(highest.GetLower(), highest.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        var top = Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3]));
        var tops = Vector512.Create(top);
        var distanceOfLabel = scores[label] - top;
        var distances = Vector512.ConditionalSelect(
            Vector512.Equals(lastScores, Vector512.Create(float.NegativeInfinity)), Vector512<float>.Zero, lastScores - tops);
        var lastExponentials = Vector512.Exp(lastScores - tops);
        var sums = lastExponentials;
        for (nuint i = 0; i < end; i += (nuint)Lanes)
        {
            var distance = Vector512.LoadUnsafe(ref score, i) - tops;
            var exponentials = Vector512.Exp(distance);
            exponentials.StoreUnsafe(ref score, i);
            sums += exponentials;
            distances += distance;
        }

        var sum = Vector512.Sum(sums);
        var (factor, spread) = (Vector512.Create(weight / sum), Vector512.Create((float)(weight * (LabelSmoothing / scores.Length))));
        for (nuint i = 0; i < end; i += (nuint)Lanes)
            (Vector512.LoadUnsafe(ref score, i) * factor - spread).StoreUnsafe(ref score, i);
        (lastExponentials * factor - spread).CopyTo(last);
        last[..rest.Length].CopyTo(rest);
        scores[label] -= (float)(weight * (1 - LabelSmoothing));
        var loss = MathF.Log(sum) - (float)(1 - LabelSmoothing) * distanceOfLabel;
        return LabelSmoothing == 0 ? loss : loss - (float)(LabelSmoothing / scores.Length) * Vector512.Sum(distances);
    }

    /// <summary>
    /// Does the same for 16 models. SIMD lanes are models, so the scores of two classes are <paramref name="models"/> numbers apart.
    /// </summary>
    private Vector512<float> ToGradient(ref float score, int models, int outputs, int label, Vector512<float> weight)
    {
        var highest = Vector512.LoadUnsafe(ref score);
        for (var output = 1; output < outputs; output++)
            highest = Vector512.Max(highest, Vector512.LoadUnsafe(ref score, (nuint)(output * models)));
        var ofLabel = Vector512.LoadUnsafe(ref score, (nuint)(label * models)) - highest;
        var (sums, distances) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var output = 0; output < outputs; output++)
        {
            var distance = Vector512.LoadUnsafe(ref score, (nuint)(output * models)) - highest;
            var exponentials = Vector512.Exp(distance);
            exponentials.StoreUnsafe(ref score, (nuint)(output * models));
            sums += exponentials;
            distances += distance;
        }

        var (factor, spread) = (weight / sums, weight * (float)(LabelSmoothing / outputs));
        for (var output = 0; output < outputs; output++)
            (Vector512.LoadUnsafe(ref score, (nuint)(output * models)) * factor - spread).StoreUnsafe(ref score, (nuint)(output * models));
        (Vector512.LoadUnsafe(ref score, (nuint)(label * models)) - weight * (float)(1 - LabelSmoothing))
            .StoreUnsafe(ref score, (nuint)(label * models));
        return Vector512.Log(sums) - (float)(1 - LabelSmoothing) * ofLabel - (float)(LabelSmoothing / outputs) * distances;
    }
}
