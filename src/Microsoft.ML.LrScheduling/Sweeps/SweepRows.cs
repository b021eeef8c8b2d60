using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a sweep knows of the rows that its worker has read.</summary>
/// <param name="Trainer">The kind of trainer.</param>
/// <param name="Options">The options that they were read with.</param>
/// <param name="HasValidation">Whether there are rows to measure on.</param>
/// <param name="Outputs">The scores of a row.</param>
/// <param name="Features">The features of a row.</param>
/// <param name="Text">What the rows are, in words.</param>
/// <param name="Hash">A hash of all rows; empty where none is wanted.</param>
internal sealed record SweepRows(
    string Trainer, LinearTrainerOptions Options, bool HasValidation, int Outputs, int Features, string Text, string Hash);
