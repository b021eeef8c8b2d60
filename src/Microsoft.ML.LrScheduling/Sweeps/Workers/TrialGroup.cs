using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trials that train together, in one pass over the rows an epoch.</summary>
internal sealed class TrialGroup : IDisposable
{
    private readonly LiveTrial[] _trials;
    private readonly SweptRows _rows;
    private readonly Action<LiveTrial> _leaves;
    private readonly Action<string> _note;
    private readonly bool _competes;
    private readonly List<TrialGroup> _again = [];
    private readonly HashSet<LiveTrial> _gone = [];
    private ModelRun[] _runs;
    private JointTraining _training;

    /// <param name="trials">The trials, whose shared settings are the same.</param>
    /// <param name="states">Where they go on from; empty where they begin anew.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="competes">Whether each is to come to the same bits in whatever company, and alone.</param>
    /// <param name="leaves">Told of each trial that ends.</param>
    /// <param name="note">Told of what a user should know.</param>
    public TrialGroup(
        LiveTrial[] trials, IReadOnlyList<TrainingState> states, SweptRows rows, bool competes, Action<LiveTrial> leaves,
        Action<string> note)
    {
        (_trials, _rows, _competes, _leaves, _note) = (trials, rows, competes, leaves, note);
        (_runs, _training) = Join();
        if (states.Count > 0) GoOnFrom(states);
    }

    /// <summary>Trains until the trials have so many epochs, or have ended.</summary>
    /// <param name="epochs">How many.</param>
    /// <param name="epochEnded">Told after each epoch.</param>
    public void TrainUntil(int epochs, Action epochEnded)
    {
        while (!_training.IsOver && _training.Epoch < epochs)
        {
            _training.TrainEpoch();
            foreach (var trial in Own.Where(trial => trial.Run.Ended is not null).ToArray()) Leave(trial);
            _training.Shrink();
            epochEnded();
        }

        foreach (var group in _again) group.TrainUntil(epochs, epochEnded);
    }

    /// <summary>All that the trials need to go on; those that have begun again are not among them.</summary>
    public IEnumerable<(int Trial, TrainingState State)> Save(Func<TrialWork, TrainingIdentity> identityOf) =>
        from index in Enumerable.Range(0, _trials.Length)
        let trial = _trials[index]
        where trial.Run == _runs[index] && trial.Run is { Ended: null, Epochs.Count: > 0 }
        select (trial.Work.Number, _training.Save(index, identityOf(trial.Work)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _training.Dispose();
        foreach (var group in _again) group.Dispose();
    }

    // But for those that have begun again, or left.
    private IEnumerable<LiveTrial> Own => _trials.Where((trial, index) => trial.Run == _runs[index] && !_gone.Contains(trial));

    private (ModelRun[] Runs, JointTraining Training) Join()
    {
        ModelRun[] runs = [.. _trials.Select(trial => trial.Run)];
        return (runs, _rows.Join([.. _trials.Select(trial => trial.Trainer)], runs, _competes));
    }

    private void GoOnFrom(IReadOnlyList<TrainingState> states)
    {
        try
        {
            _training.Restore(states);
        }
        catch (Exception e) when (TrialFailure.IsOne(e, _rows.Cancellation))
        {
            var begin = Quantity.Of(
                _trials.Length, "running trial starts from the beginning, since it cannot be resumed",
                "running trials start from the beginning, since they cannot be resumed");
            _note($"{begin}: {OneLine.Of(e.Message)}");
            _training.Dispose();
            foreach (var trial in _trials) trial.BeginAnew();
            (_runs, _training) = Join();
        }
    }

    private void Leave(LiveTrial trial)
    {
        if (BeginsAgain(trial)) _again.Add(new TrialGroup([trial], states: [], _rows, _competes, _leaves, _note));
        else
        {
            _gone.Add(trial);
            _leaves(trial);
        }
    }

    private bool BeginsAgain(LiveTrial trial)
    {
        try
        {
            return trial.BeginsAgain();
        }
        catch (Exception e) when (TrialFailure.IsOne(e, _rows.Cancellation))
        {
            // Then it stays as it has diverged.
            return false;
        }
    }
}
