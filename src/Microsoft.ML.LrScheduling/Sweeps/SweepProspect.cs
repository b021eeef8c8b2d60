using System.Diagnostics;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Estimates the remaining time of a sweep from its epochs: those trained so far, and those that remain.</summary>
/// <param name="options">The options of the sweep.</param>
/// <param name="rows">The number of training rows.</param>
internal sealed class SweepProspect(SweepOptions options, int rows)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    // The epochs and the number of trials that have started in this run. Trials from a journal do not count.
    private long _epochsBegun;
    private int _begun;

    /// <summary>Records that a trial starts.</summary>
    public void Begin(LinearTrainerOptions trial)
    {
        _begun++;
        _epochsBegun += EpochsOf(trial);
    }

    /// <summary>Returns the estimated remaining time; null if it is not known.</summary>
    /// <param name="trials">The number of trials, including those from the journal; null if it is not known.</param>
    /// <param name="running">The options of the trials that have not ended, and their numbers of epochs so far.</param>
    /// <param name="taken">The number of trials that have started or come from the journal.</param>
    public TimeSpan? TimeLeft(int? trials, IEnumerable<(LinearTrainerOptions Options, int Epochs)> running, int taken)
    {
        if (trials is not { } all || options.NumberOfFolds is not null || _begun == 0) return null;
        var left = running.Sum(trial => (double)EpochsOf(trial.Options) - trial.Epochs);
        var had = _epochsBegun - left;
        if (had <= 0) return null;
        var elapsed = Stopwatch.GetElapsedTime(_started);
        left += Math.Max(0, all - taken) * ((double)_epochsBegun / _begun);
        return AtMostTheLimit(TimeSpan.FromSeconds(Math.Min(elapsed.TotalSeconds * left / had, int.MaxValue)));
    }

    /// <summary>Returns an estimate, or what remains of the time limit if that is less.</summary>
    public TimeSpan AtMostTheLimit(TimeSpan time)
    {
        var elapsed = Stopwatch.GetElapsedTime(_started);
        if (options.TimeLimit is not { } limit) return time;
        var most = limit > elapsed ? limit - elapsed : TimeSpan.Zero;
        return time < most ? time : most;
    }

    private int EpochsOf(LinearTrainerOptions trial) => trial.EpochsFor((rows - 1) / trial.BatchSize + 1);
}
