using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial as a worker is given it.</summary>
/// <param name="Number">Its number in the sweep.</param>
/// <param name="Options">Its options, which hold; all but delegates can be JSON.</param>
internal sealed record TrialWork(int Number, LinearTrainerOptions Options);
