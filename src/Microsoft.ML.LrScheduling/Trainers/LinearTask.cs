using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>A learning task for given columns: what differs between regression, binary and multiclass classification.</summary>
/// <param name="OutputCount">The number of scores per row: 1, or one per class.</param>
/// <param name="Loss">The loss of a row.</param>
/// <param name="Scores">The metrics.</param>
/// <param name="CheckLabel">Throws an exception for a label that the task does not allow.</param>
/// <param name="LabelText">Returns the text of a label for messages.</param>
internal sealed record LinearTask(
    int OutputCount, Loss Loss, ValidationScores Scores, Action<float> CheckLabel, Func<float, string> LabelText);
