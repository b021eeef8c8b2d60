using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

public abstract class SdcaBinaryTrainerBase<TModelParameters> : SdcaTrainerBase<
    SdcaBinaryTrainerBase<TModelParameters>.BinaryOptionsBase, BinaryPredictionTransformer<TModelParameters>, TModelParameters>
    where TModelParameters : class
{
    public class BinaryOptionsBase : OptionsBase
    {
        public float PositiveInstanceWeight = 1;

        internal override void Check()
        {
            base.Check();
            Contracts.CheckUserArg(PositiveInstanceWeight > 0, nameof(PositiveInstanceWeight),
                "Weight for positive instances must be positive");
        }
    }

    private protected SdcaBinaryTrainerBase(IHostEnvironment env, BinaryOptionsBase options)
        : base(env, options, TrainerColumns.BooleanLabel(options.LabelColumnName)) { }

    public override TrainerInfo Info { get; } = new(calibration: false);
}
