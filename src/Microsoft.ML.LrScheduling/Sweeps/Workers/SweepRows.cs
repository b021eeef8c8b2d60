using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The properties of the rows that a worker has read, as far as the sweep needs them.</summary>
/// <param name="Trainer">The type of the trainer.</param>
/// <param name="Options">The options with which the rows were read.</param>
/// <param name="TrainingRowCount">The number of training rows.</param>
/// <param name="ValidationRowCount">The number of validation rows; 0 for none.</param>
/// <param name="Outputs">The number of scores per row.</param>
/// <param name="Features">The number of features.</param>
/// <param name="Text">A description of the rows.</param>
/// <param name="Hash">A hash of all rows; empty if it was not requested.</param>
/// <param name="UndefinedMetrics">The metrics that are not defined for the validation rows, whatever the model is.</param>
internal sealed record SweepRows(
    string Trainer, LinearTrainerOptions Options, int TrainingRowCount, int ValidationRowCount, int Outputs, int Features, string Text,
    string Hash, ValueList<Metric> UndefinedMetrics)
{
    /// <summary>Whether there are validation rows.</summary>
    public bool HasValidation => ValidationRowCount > 0;
}
