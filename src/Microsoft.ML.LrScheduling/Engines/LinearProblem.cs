using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>What an engine is to train. All K models begin with weights of zero.</summary>
/// <param name="Rows">The training rows, at least one.</param>
/// <param name="ModelCount">K, at least 1.</param>
/// <param name="Loss">The loss of a row.</param>
/// <param name="Optimizer">The optimizer, one of its own for each model.</param>
/// <param name="L2Regularization">λ of the penalty λ/2 · ‖weights‖², which the bias is free of.</param>
/// <param name="BatchSize">The rows of a minibatch.</param>
/// <param name="WindowRows">The rows of a window: a multiple of the batch size, or all rows.</param>
internal sealed record LinearProblem(
    TrainingSet Rows, int ModelCount, Loss Loss, Optimizer Optimizer, double L2Regularization, int BatchSize, int WindowRows);

/// <summary>A linear model: <c>score = weights · features + bias</c>.</summary>
/// <param name="Weights">A weight a feature.</param>
/// <param name="Bias">The score of a row whose features are all zero.</param>
internal sealed record LinearWeights(float[] Weights, float Bias)
{
    /// <summary>Whether no weight is NaN or infinite.</summary>
    public bool IsFinite => float.IsFinite(Bias) && Array.TrueForAll(Weights, float.IsFinite);
}
