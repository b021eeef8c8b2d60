using System.Diagnostics;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>How long a sweep goes on, by the epochs that its trials have had and have still to come.</summary>
/// <param name="options">How the sweep goes.</param>
/// <param name="rows">The training rows.</param>
internal sealed class SweepProspect(SweepOptions options, int rows)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    // Of the trials that were begun, those with results that a journal had not.
    private long _epochsBegun;
    private int _begun;

    /// <summary>Takes note of a trial that begins.</summary>
    public void Begin(LinearTrainerOptions trial)
    {
        _begun++;
        _epochsBegun += EpochsOf(trial);
    }

    /// <summary>The time left; null where it is not known.</summary>
    /// <param name="trials">How many trials there are, those of the journal included; null where nobody knows.</param>
    /// <param name="running">The options of the trials that have not ended, and how many epochs they have had.</param>
    /// <param name="taken">How many trials have begun, or were in the journal.</param>
    public TimeSpan? TimeLeft(int? trials, IEnumerable<(LinearTrainerOptions Options, int Epochs)> running, int taken)
    {
        if (trials is not { } all || options.NumberOfFolds is not null || _begun == 0) return null;
        var left = running.Sum(trial => (double)EpochsOf(trial.Options) - trial.Epochs);
        var had = _epochsBegun - left;
        if (had <= 0) return null;
        var elapsed = Stopwatch.GetElapsedTime(_started);
        left += Math.Max(0, all - taken) * ((double)_epochsBegun / _begun);
        var time = TimeSpan.FromSeconds(Math.Min(elapsed.TotalSeconds * left / had, int.MaxValue));
        if (options.TimeLimit is not { } limit) return time;
        var most = limit > elapsed ? limit - elapsed : TimeSpan.Zero;
        return time < most ? time : most;
    }

    private int EpochsOf(LinearTrainerOptions trial) => trial.EpochsFor((rows - 1) / trial.BatchSize + 1);
}
