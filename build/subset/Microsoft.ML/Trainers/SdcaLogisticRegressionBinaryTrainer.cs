using Microsoft.ML.Calibrators;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

public sealed class SdcaLogisticRegressionBinaryTrainer :
    SdcaBinaryTrainerBase<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>
{
    public sealed class Options : BinaryOptionsBase;

    internal SdcaLogisticRegressionBinaryTrainer(IHostEnvironment env, BinaryOptionsBase options) : base(env, options) { }

    private protected override SchemaShape.Column[] GetOutputColumns(SchemaShape inputSchema) =>
        [TrainerColumns.Score(), TrainerColumns.Probability(), TrainerColumns.PredictedBoolean()];
}
