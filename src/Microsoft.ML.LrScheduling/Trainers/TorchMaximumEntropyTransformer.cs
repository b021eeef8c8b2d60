using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// A trained linear multiclass classifier. Adds the columns "Score" (a vector of <see cref="float"/> with the probability of each class:
/// the softmax of <c>weights · features + biases</c>) and "PredictedLabel" (the key of the most probable class).
/// </summary>
public sealed class TorchMaximumEntropyTransformer
    : LinearTransformerBase<MulticlassPredictionTransformer<MaximumEntropyModelParameters>, MaximumEntropyModelParameters>
{
    internal TorchMaximumEntropyTransformer(MulticlassPredictionTransformer<MaximumEntropyModelParameters> builtIn, TrainingHistory history)
        : base(builtIn, history)
    {
    }
}
