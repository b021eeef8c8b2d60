using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trials that train together, with one pass over the rows per epoch.</summary>
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

    /// <param name="trials">The trials. Their shared settings must be the same.</param>
    /// <param name="states">The states from which they resume; empty to start from the beginning.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="competes">Whether each trial must get the same bits alone and together with any others.</param>
    /// <param name="leaves">Receives each trial that ends.</param>
    /// <param name="note">Receives messages for the user.</param>
    public TrialGroup(
        LiveTrial[] trials, IReadOnlyList<TrainingState> states, SweptRows rows, bool competes, Action<LiveTrial> leaves,
        Action<string> note)
    {
        (_trials, _rows, _competes, _leaves, _note) = (trials, rows, competes, leaves, note);
        (_runs, _training) = Join();
        if (states.Count > 0) GoOnFrom(states);
    }

    /// <summary>Trains until the trials have a number of epochs, or have ended.</summary>
    /// <param name="epochs">The number of epochs.</param>
    /// <param name="epochEnded">Is called after each epoch.</param>
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

    /// <summary>Returns the states from which the trials can resume, except for trials that have started again with a lower rate.</summary>
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

    // The trials that have neither started again nor ended.
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
            // If the trial cannot start again, it remains diverged.
            return false;
        }
    }
}
