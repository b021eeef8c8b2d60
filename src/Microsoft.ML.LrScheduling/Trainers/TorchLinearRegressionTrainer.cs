using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Trains a linear regression by minibatch gradient descent on the squared loss, with a scheduled learning rate:
/// minimises <c>mean of weight · (w · features + b − label)² + λ/2 · ‖w‖²</c>.
/// </summary>
/// <remarks>
/// <para>
/// Input: the label and the weight are <see cref="float"/>, the features a known-size vector of <see cref="float"/>. Bring features to one scale
/// first (<c>NormalizeMeanVariance</c>): one learning rate serves all of them. Output: "Score", a <see cref="float"/>.
/// </para>
/// <para>The weights begin at zero, and the rows are read once, so a cache before the trainer is not needed.</para>
/// </remarks>
public sealed class TorchLinearRegressionTrainer : LinearTrainerBase<TorchLinearRegressionTransformer, LinearRegressionModelParameters>
{
    internal TorchLinearRegressionTrainer(IHostEnvironment environment, Options options, IEstimator<ITransformer> schemaPeer)
        : base(environment, nameof(TorchLinearRegressionTrainer), options, schemaPeer)
    {
    }

    /// <summary>The options of a <see cref="TorchLinearRegressionTrainer"/>.</summary>
    public sealed class Options : LinearTrainerOptions;

    private protected override TorchLinearRegressionTransformer CreateTransformer(
        LinearWeights weights, TrainingHistory history, DataViewSchema inputSchema) =>
        new(MLNetInternals.RegressionTransformer(Environment, weights.Weights, weights.Bias, inputSchema, FeatureColumnName), history);
}
