using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial as it is passed to a worker.</summary>
/// <param name="Number">The trial's number in the sweep.</param>
/// <param name="Options">The options, which are valid. They can be converted to JSON, except for delegates.</param>
internal sealed record TrialWork(int Number, LinearTrainerOptions Options);
