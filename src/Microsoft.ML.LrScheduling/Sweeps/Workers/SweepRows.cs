using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a sweep knows of the rows that its worker has read.</summary>
/// <param name="Trainer">The kind of trainer.</param>
/// <param name="Options">The options that they were read with.</param>
/// <param name="TrainingRowCount">The training rows.</param>
/// <param name="ValidationRowCount">The rows to measure on; 0 for none.</param>
/// <param name="Outputs">The scores of a row.</param>
/// <param name="Features">The features of a row.</param>
/// <param name="Text">What the rows are, in words.</param>
/// <param name="Hash">A hash of all rows; empty where none is wanted.</param>
/// <param name="UndefinedMetrics">The metrics that are not defined for the rows to measure on, whatever a model scores them.</param>
internal sealed record SweepRows(
    string Trainer, LinearTrainerOptions Options, int TrainingRowCount, int ValidationRowCount, int Outputs, int Features, string Text,
    string Hash, ValueList<Metric> UndefinedMetrics)
{
    /// <summary>Whether there are rows to measure on.</summary>
    public bool HasValidation => ValidationRowCount > 0;
}
