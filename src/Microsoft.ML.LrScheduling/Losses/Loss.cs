using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>A loss, which training minimises: a function of the scores and the label of one row. An immutable configuration.</summary>
/// <remarks>The loss of a minibatch is the mean over its rows of the loss multiplied by the example weight.</remarks>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public sealed override string ToString() => PropertyText.Of(this);

    /// <summary>Returns the loss of one row.</summary>
    /// <param name="scores">One score per output.</param>
    /// <param name="label">The label; for a classification, the index of the class, from 0.</param>
    internal abstract double Value(ReadOnlySpan<float> scores, float label);

    /// <summary>
    /// Turns the scores of some rows into the gradient of their loss:
    /// <c>score[row, output] ← weight[row] · ∂loss/∂score[row, output]</c>.
    /// </summary>
    /// <param name="scores">
    /// The scores, row by row. A row has at least <paramref name="outputs"/> numbers; any others are padding.
    /// </param>
    /// <param name="outputs">The number of scores per row.</param>
    /// <param name="labels">One label per row.</param>
    /// <param name="weights">One weight per row; empty if each is 1.</param>
    /// <returns>The sum of the weighted losses of the rows.</returns>
    internal abstract double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights);

    /// <summary>Does the same as <see cref="ToGradients"/> for many models at once, with <c>score[row, output, model]</c>.</summary>
    /// <param name="scores">The scores: rows · outputs · models numbers.</param>
    /// <param name="outputs">The number of scores per row and model.</param>
    /// <param name="labels">One label per row.</param>
    /// <param name="weights">One weight per row; empty if each is 1.</param>
    /// <param name="losses">
    /// One sum per model, to which the weighted losses of the rows are added. The number of models is a multiple of 16.
    /// </param>
    internal abstract void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses);

    /// <summary>
    /// Returns the size of the loss of a row with this label before training. The loss above which training has diverged is a multiple of
    /// it.
    /// </summary>
    internal abstract double UntrainedLoss(float label);

    /// <summary>What the loss of a row with this label is never below, whatever its scores are.</summary>
    internal virtual double Floor(float label) => 0;

    /// <summary>Returns the loss with the label scale of some labels; the same loss if it does not use a label scale.</summary>
    /// <param name="labels">The labels, at least one.</param>
    /// <param name="weights">One weight per label; empty if each is 1.</param>
    internal virtual Loss Scaled(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => this;

    /// <summary>The label scale that the scores are on.</summary>
    internal virtual LabelScale TrainingScale => LabelScale.Own;

    /// <summary>Finds the scores that minimize the mean loss if they are the same for every row.</summary>
    /// <param name="labels">The labels, at least one.</param>
    /// <param name="weights">One weight per label; empty if each is 1.</param>
    /// <param name="scores">Receives one score per output.</param>
    internal abstract void FindBestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> scores);

    /// <summary>
    /// Returns the second derivative of the loss with respect to a score, from which the default learning rate is computed. It is the
    /// largest one, or a typical one if there is no largest. For a loss with a kink it is 1: that of a parabola with the same slope at a
    /// distance of 1.
    /// </summary>
    /// <param name="labels">The labels, at least one.</param>
    /// <param name="weights">One weight per label; empty if each is 1.</param>
    internal abstract double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights);

    /// <summary>
    /// Returns the second derivative with respect to a score, averaged over the outputs: the Fisher information of one row. The default L2
    /// penalty is computed from it.
    /// </summary>
    /// <param name="scores">The best constant scores, one per output.</param>
    internal virtual double Information(ReadOnlySpan<float> scores) => Curvature([], []);

    /// <summary>Throws an exception for a label for which the loss is not defined.</summary>
    /// <exception cref="InvalidOperationException">The label is outside the range that the message names.</exception>
    internal virtual void CheckLabel(float label)
    {
    }
}
