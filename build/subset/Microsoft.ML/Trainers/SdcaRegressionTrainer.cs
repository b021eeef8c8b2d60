using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public sealed class SdcaRegressionTrainer : SdcaTrainerBase<
    SdcaRegressionTrainer.Options, RegressionPredictionTransformer<LinearRegressionModelParameters>, LinearRegressionModelParameters>
{
    public sealed class Options : OptionsBase
    {
        public Options()
        {
            ConvergenceTolerance = 0.01f;
            BiasLearningRate = 1;
        }

        public ISupportSdcaRegressionLoss LossFunction { get; set; }
    }

    internal SdcaRegressionTrainer(Runtime.IHostEnvironment env, Options options)
        : base(env, options, TrainerColumns.SingleLabel(options.LabelColumnName)) { }

    private protected override SchemaShape.Column[] GetOutputColumns(SchemaShape inputSchema) => [TrainerColumns.Score()];
}
