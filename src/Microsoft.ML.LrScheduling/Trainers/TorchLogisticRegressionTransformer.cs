using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// A trained linear binary classifier. Adds the columns "Score" (<see cref="float"/>: <c>weights · features + bias</c>), "Probability"
/// (<see cref="float"/>) and "PredictedLabel" (<see cref="bool"/>: whether the score is above <see cref="Threshold"/>).
/// </summary>
public sealed class TorchLogisticRegressionTransformer : LinearTransformerBase<
    BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>,
    CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>
{
    internal TorchLogisticRegressionTransformer(
        BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> builtIn, float threshold,
        TrainingHistory history)
        : base(builtIn, history) => Threshold = threshold;

    /// <summary>
    /// The threshold on the score: rows with a higher score are predicted true. To change it, use
    /// <c>mlContext.BinaryClassification.ChangeModelThreshold(transformer.BuiltIn, …)</c>.
    /// </summary>
    public float Threshold { get; }
}
