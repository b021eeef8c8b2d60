using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>What an engine is to train.</summary>
/// <param name="Rows">The training rows, at least one.</param>
/// <param name="ModelCount">K, at least 1.</param>
/// <param name="OutputCount">The scores of a row: 1, or one a class.</param>
/// <param name="Loss">The loss of a row.</param>
/// <param name="Optimizer">The optimizer, one of its own for each model.</param>
/// <param name="L1Regularization">λ of the penalty λ · ‖weights‖₁, which the biases are free of.</param>
/// <param name="L2Regularization">λ of the penalty λ/2 · ‖weights‖², which the biases are free of.</param>
/// <param name="BatchSize">The rows of a minibatch.</param>
/// <param name="WindowRows">The rows of a window: a multiple of the batch size, or all rows.</param>
/// <param name="Clipping">The limits of gradients; null for none.</param>
/// <param name="Initial">What all K models begin with; null for weights of zero.</param>
internal sealed record LinearProblem(
    TrainingSet Rows,
    int ModelCount,
    int OutputCount,
    Loss Loss,
    Optimizer Optimizer,
    double L1Regularization,
    double L2Regularization,
    int BatchSize,
    int WindowRows,
    GradientClipping? Clipping = null,
    LinearWeights? Initial = null);
