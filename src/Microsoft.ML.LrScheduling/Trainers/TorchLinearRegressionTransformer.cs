using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>A trained linear regression. Adds the column "Score", a <see cref="float"/>: <c>weights · features + bias</c>.</summary>
public sealed class TorchLinearRegressionTransformer
    : LinearTransformerBase<RegressionPredictionTransformer<LinearRegressionModelParameters>, LinearRegressionModelParameters>
{
    internal TorchLinearRegressionTransformer(
        RegressionPredictionTransformer<LinearRegressionModelParameters> builtIn, TrainingHistory history)
        : base(builtIn, history)
    {
    }
}
