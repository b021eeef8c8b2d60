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

    /// <summary>The loss of one row.</summary>
    /// <param name="scores">A score an output.</param>
    /// <param name="label">The label; of a classification the number of the class, from 0.</param>
    internal abstract double Value(ReadOnlySpan<float> scores, float label);

    /// <summary>
    /// Turns the scores of some rows into the gradient of their loss:
    /// <c>score[row, output] ← weight[row] · ∂loss/∂score[row, output]</c>.
    /// </summary>
    /// <param name="scores">
    /// Row-major; a row has at least <paramref name="outputs"/> numbers, of which the further ones mean nothing.
    /// </param>
    /// <param name="outputs">The scores of a row.</param>
    /// <param name="labels">A label a row.</param>
    /// <param name="weights">A weight a row; empty where each is 1.</param>
    /// <returns>The sum of the losses of the rows, each times its weight.</returns>
    internal abstract double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights);

    /// <summary>The same for many models at once, as <c>score[row, output, model]</c>.</summary>
    /// <param name="scores">As long as rows · outputs · models.</param>
    /// <param name="outputs">The scores of a row and a model.</param>
    /// <param name="labels">A label a row.</param>
    /// <param name="weights">A weight a row; empty where each is 1.</param>
    /// <param name="losses">
    /// To each model's is added the sum of the losses of the rows, each times its weight. The models are a multiple of 16.
    /// </param>
    internal abstract void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses);

    /// <summary>
    /// How large the loss of a row with this label is before anything has been learned: what losses of training are held against.
    /// </summary>
    internal abstract double Scale(float label);

    /// <summary>What the loss of a row with this label is never below, whatever its scores are.</summary>
    internal virtual double Floor(float label) => 0;

    /// <summary>The loss as it is trained on the scale of some labels: the same where the loss has a scale of its own.</summary>
    /// <param name="labels">The labels, at least one.</param>
    /// <param name="weights">A weight a label; empty where each is 1.</param>
    internal virtual Loss Scaled(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => this;

    /// <summary>The scale of the scores.</summary>
    internal virtual LabelScale TrainingScale => LabelScale.Own;

    /// <summary>Writes the scores that make the mean loss least of all scores that are the same for every row.</summary>
    /// <param name="labels">The labels, at least one.</param>
    /// <param name="weights">A weight a label; empty where each is 1.</param>
    /// <param name="scores">Receives a score an output.</param>
    internal abstract void FindBestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> scores);

    /// <summary>
    /// The second derivative of the loss with respect to a score that rates are made for: the largest one; of a loss that has a kink, 1,
    /// which is that of the parabola whose slope at a distance of 1 is that of the loss.
    /// </summary>
    /// <param name="labels">The labels, at least one.</param>
    /// <param name="weights">A weight a label; empty where each is 1.</param>
    internal abstract double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights);

    /// <summary>
    /// The second derivative with respect to a score, on average over the scores of a row: what a row tells of the weights, in Fisher's
    /// sense, where the scores of all rows are the best constant ones.
    /// </summary>
    /// <param name="scores">The scores, one an output.</param>
    internal virtual double Information(ReadOnlySpan<float> scores) => Curvature([], []);

    /// <summary>Refuses a label that the loss is not defined for.</summary>
    /// <exception cref="InvalidOperationException">The label is outside the range that the message names.</exception>
    internal virtual void CheckLabel(float label)
    {
    }
}
