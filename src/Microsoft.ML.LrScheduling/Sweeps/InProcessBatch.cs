using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Trials that train in this process: those whose <see cref="LinearTrainerOptions.SharedOn"/> is the same together.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="identityOf">What the state of a trial belongs to.</param>
/// <param name="told">Told of what happens.</param>
internal sealed class InProcessBatch(SweptRows rows, Func<TrialWork, TrainingIdentity> identityOf, IBatchObserver told) : ITrialBatch
{
    private readonly Dictionary<int, LiveTrial> _running = [];
    private readonly List<TrialGroup> _groups = [];

    /// <inheritdoc/>
    public IReadOnlyList<TrialStanding> Running =>
        [.. _running.Values.Select(trial => new TrialStanding(trial.Work.Number, trial.Run.Epochs))];

    /// <summary>Takes a trial in, before the batch begins. One that cannot begin has ended.</summary>
    public void Add(TrialWork work, Func<ISweptTrainer> createTrainer)
    {
        try
        {
            _running.Add(work.Number, new LiveTrial(work, createTrainer(), rows));
        }
        catch (Exception e) when (TrialFailure.IsOne(e, rows.Cancellation))
        {
            told.Ended(TrialResult.Failed(work.Number, "", work.Options, TrialFailure.Reason("It cannot be trained", e)));
        }
    }

    /// <summary>Begins, or goes on from states.</summary>
    public void Begin(IReadOnlyDictionary<int, TrainingState> states)
    {
        // Those that stood at the same epoch go on together; the others begin anew.
        foreach (var group in _running.Values.Select(trial => (Trial: trial, State: StateOf(trial, states)))
            .GroupBy(pair => (pair.Trial.Work.Options.SharedOn(rows.Read.Training.IsSparse), pair.State?.Epoch)))
            _groups.Add(new TrialGroup(
                [.. group.Select(pair => pair.Trial)], [.. group.Select(pair => pair.State).OfType<TrainingState>()], rows, Leaves,
                told.Note));
    }

    /// <inheritdoc/>
    public void TrainUntil(int epochs)
    {
        foreach (var group in _groups) group.Shrink();
        foreach (var group in _groups) group.TrainUntil(epochs, () => told.EpochEnded(this));
    }

    /// <inheritdoc/>
    public TrialResult End(int trial, StopReason reason)
    {
        var live = _running[trial];
        live.Run.End(reason);
        _running.Remove(trial);
        return live.Result;
    }

    /// <inheritdoc/>
    public IReadOnlyList<(int Trial, TrainingState State)> Save() => [.. _groups.SelectMany(group => group.Save(identityOf))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var group in _groups) group.Dispose();
    }

    private void Leaves(LiveTrial trial)
    {
        _running.Remove(trial.Work.Number);
        told.Ended(trial.Result);
    }

    private TrainingState? StateOf(LiveTrial trial, IReadOnlyDictionary<int, TrainingState> states) =>
        states.TryGetValue(trial.Work.Number, out var state) && trial.Fits(state)
            && identityOf(trial.Work).DifferenceFrom(state.Identity) is null ? state : null;
}
