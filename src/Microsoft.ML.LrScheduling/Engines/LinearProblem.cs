using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>What an engine is to train.</summary>
/// <param name="Rows">The training rows, at least one.</param>
/// <param name="Models">The models, at least one. Their optimizers are of one kind: see <see cref="Optimizers.Optimizer.Kind"/>.</param>
/// <param name="OutputCount">The scores of a row: 1, or one a class.</param>
/// <param name="Loss">The loss of a row.</param>
/// <param name="BatchSize">The rows of a minibatch.</param>
/// <param name="WindowRows">The rows of a window: a multiple of the batch size, or all rows.</param>
/// <param name="Initial">What all models begin with, whose weights are empty where all are zero; null for zeros.</param>
internal sealed record LinearProblem(
    TrainingSet Rows,
    IReadOnlyList<ModelSettings> Models,
    int OutputCount,
    Loss Loss,
    int BatchSize,
    int WindowRows,
    LinearWeights? Initial = null);
