using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// A batch of trials that train in this process. Trials with the same <see cref="OptionEffects.SharedOn"/> train together. At most sixteen
/// competing trials, one vector of models, train together, because the order of the additions depends on the number of vectors.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="leg">The leg.</param>
/// <param name="identityOf">Returns the settings and rows that the state of a trial belongs to.</param>
/// <param name="told">Receives events.</param>
internal sealed class InProcessBatch(SweptRows rows, TrialLeg leg, Func<TrialWork, TrainingIdentity> identityOf, IBatchObserver told)
    : ITrialBatch
{
    private const int ModelsOfAVector = 16;

    private readonly Dictionary<int, LiveTrial> _running = [];
    private readonly List<TrialGroup> _groups = [];

    /// <inheritdoc/>
    public IReadOnlyList<TrialStanding> Running =>
        [.. _running.Values.Select(trial => new TrialStanding(trial.Work.Number, trial.Run.Epochs))];

    /// <summary>Starts the trials, or resumes them from states. A trial that cannot start has ended.</summary>
    /// <param name="states">The states of trials. Trials at the same epoch continue together. Trials without a state start again.</param>
    /// <param name="trainerOf">Returns the trainer of a trial.</param>
    public void Begin(IReadOnlyDictionary<int, TrainingState> states, Func<TrialWork, ISweptTrainer> trainerOf)
    {
        foreach (var trial in leg.Trials.Where(trial => leg.Wanted.Contains(trial.Number))) Add(trial, trainerOf);
        var groups = _running.Values.Select(trial => (Trial: trial, State: StateOf(trial, states)))
            .GroupBy(pair => (
                pair.Trial.Work.Options.SharedOn(rows.Read.Training.IsSparse), leg.Competes ? rows.TermsOf(pair.Trial.Trainer) : null,
                pair.State?.Epoch));
        foreach (var group in groups.SelectMany(group => leg.Competes ? group.Chunk(ModelsOfAVector) : [[.. group]]))
            _groups.Add(new TrialGroup(
                [.. group.Select(pair => pair.Trial)], [.. group.Select(pair => pair.State).OfType<TrainingState>()], rows, leg.Competes,
                Leaves, told.Note));
    }

    /// <summary>Trains to the end of the leg.</summary>
    /// <exception cref="OperationCanceledException">The sweep was cancelled. The progress of the current epoch is lost.</exception>
    public void Train()
    {
        foreach (var group in _groups) group.TrainUntil(leg.Until, () => told.EpochEnded(this));
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

    private void Add(TrialWork work, Func<TrialWork, ISweptTrainer> trainerOf)
    {
        try
        {
            _running.Add(work.Number, new LiveTrial(work, trainerOf(work), rows));
        }
        catch (Exception e) when (TrialFailure.IsOne(e, rows.Cancellation))
        {
            told.Ended(TrialResult.Failed(work.Number, "", work.Options, TrialFailure.Reason("It cannot be trained", e)));
        }
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
