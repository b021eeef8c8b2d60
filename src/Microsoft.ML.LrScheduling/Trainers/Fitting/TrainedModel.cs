using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The result of training, from which the transformer is created.</summary>
/// <param name="Weights">The model.</param>
/// <param name="History">The history.</param>
/// <param name="Rows">The rows on which probabilities are fitted: the validation rows, or the training rows if there are none.</param>
/// <param name="RowWeights">
/// Returns the model for these rows, computed only if it is needed: the features of training rows can be standardized.
/// </param>
internal sealed record TrainedModel(LinearWeights Weights, TrainingHistory History, TrainingSet Rows, Func<LinearWeights> RowWeights);
