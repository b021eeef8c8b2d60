using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// A trained linear regression. Adds the column "Score", a <see cref="float"/>: <c>weights · features + bias</c>, or <c>exp(weights ·
/// features + bias)</c> for a Poisson loss.
/// </summary>
public sealed class TorchLinearRegressionTransformer
    : LinearTransformerBase<RegressionPredictionTransformer<RegressionModelParameters>, RegressionModelParameters>
{
    internal TorchLinearRegressionTransformer(RegressionPredictionTransformer<RegressionModelParameters> builtIn, TrainingHistory history)
        : base(builtIn, history)
    {
    }
}
