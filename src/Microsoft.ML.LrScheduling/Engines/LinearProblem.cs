using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>The problem that an engine trains: rows, models and loss.</summary>
/// <param name="Rows">The training rows, at least one.</param>
/// <param name="Models">
/// The models, at least one. Their optimizers must be of one kind: see <see cref="Optimizers.Optimizer.Kind"/>.
/// </param>
/// <param name="OutputCount">The number of scores per row: 1, or one per class.</param>
/// <param name="Loss">The loss of a row.</param>
/// <param name="BatchSize">The number of rows in a minibatch.</param>
/// <param name="WindowRows">The number of rows in a window: a multiple of the batch size, or all rows.</param>
/// <param name="Initial">
/// The initial weights of all models; null for zeros. Its array of weights can be empty, which also means zeros.
/// </param>
internal sealed record LinearProblem(
    TrainingSet Rows,
    IReadOnlyList<ModelSettings> Models,
    int OutputCount,
    Loss Loss,
    int BatchSize,
    int WindowRows,
    LinearWeights? Initial = null);
