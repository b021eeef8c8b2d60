using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

public sealed class SdcaMaximumEntropyMulticlassTrainer : SdcaMulticlassTrainerBase<MaximumEntropyModelParameters>
{
    public sealed class Options : MulticlassOptions;

    internal SdcaMaximumEntropyMulticlassTrainer(IHostEnvironment env, MulticlassOptions options) : base(env, options) { }
}
