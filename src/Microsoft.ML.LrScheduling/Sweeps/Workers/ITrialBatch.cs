using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A batch of trials that train one leg. Some of them train together in one pass over the rows.</summary>
internal interface ITrialBatch : IDisposable
{
    /// <summary>The trials that have not ended. After the leg, these are the trials that wait at its end.</summary>
    IReadOnlyList<TrialStanding> Running { get; }

    /// <summary>Ends a trial early.</summary>
    /// <returns>The result of the trial so far.</returns>
    TrialResult End(int trial, StopReason reason);

    /// <summary>Returns the states from which the trials that have not ended can resume, between two epochs.</summary>
    IReadOnlyList<(int Trial, TrainingState State)> Save();
}
