using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What training gave.</summary>
/// <param name="Weights">The model.</param>
/// <param name="History">What happened.</param>
/// <param name="Rows">The rows to fit probabilities on: those of validation, or where there are none those of training.</param>
/// <param name="RowWeights">
/// The model for these rows, where somebody asks for it: training rows have features on a scale of their own.
/// </param>
internal sealed record TrainedModel(LinearWeights Weights, TrainingHistory History, TrainingSet Rows, Func<LinearWeights> RowWeights);
