using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trials that train a leg, some of them together in one pass over the rows.</summary>
internal interface ITrialBatch : IDisposable
{
    /// <summary>The trials that have not ended: after the leg, those that stand at its end.</summary>
    IReadOnlyList<TrialStanding> Running { get; }

    /// <summary>Ends a trial before its end.</summary>
    /// <returns>What came of it so far.</returns>
    TrialResult End(int trial, StopReason reason);

    /// <summary>All that the trials that have not ended need to go on from here, between two epochs.</summary>
    IReadOnlyList<(int Trial, TrainingState State)> Save();
}
