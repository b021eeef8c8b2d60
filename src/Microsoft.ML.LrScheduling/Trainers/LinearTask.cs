using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What is to be learned from given columns.</summary>
/// <param name="OutputCount">The scores of a row: 1, or one a class.</param>
/// <param name="Loss">The loss of a row.</param>
/// <param name="Scores">The metrics.</param>
/// <param name="CheckLabel">Refuses a label that cannot be trained on.</param>
/// <param name="LabelText">What a label is called in messages.</param>
internal sealed record LinearTask(
    int OutputCount, Loss Loss, ValidationScores Scores, Action<float> CheckLabel, Func<float, string> LabelText);
