using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial that trains in this process.</summary>
/// <param name="work">What it is.</param>
/// <param name="trainer">Its trainer.</param>
/// <param name="rows">The rows.</param>
internal sealed class LiveTrial(TrialWork work, ISweptTrainer trainer, SweptRows rows)
{
    // The rate with which it has diverged, where that followed from the rows.
    private double _divergedAt = double.PositiveInfinity;
    private double? _firstRate;

    /// <summary>What it is.</summary>
    public TrialWork Work => work;

    /// <summary>Its trainer.</summary>
    public ISweptTrainer Trainer => trainer;

    /// <summary>Its way through training.</summary>
    public ModelRun Run { get; private set; } = rows.RunOf(trainer);

    /// <summary>What came of it.</summary>
    public TrialResult Result
    {
        get
        {
            var isTrained = Run is { Epochs.Count: > 0, Ended: not (StopReason.Diverged or StopReason.Failed) };
            var history = Run.History(Run.Ended!.Value) with
            {
                Trainer = trainer.GetType().Name,
                Options = trainer.Options.ToJsonWithoutDelegates(),
                Schedule = trainer.Options.LearningRateSchedule,
                ScheduleText = trainer.Options.LearningRateSchedule?.ToString(),
                BiasScheduleText = trainer.Options.BiasLearningRateSchedule?.ToString(),
            };
            return new TrialResult(work.Number, history, isTrained ? Run.Weights : null, Run.Failure);
        }
    }

    /// <summary>Whether a state is of a moment that a sweep keeps: between two epochs, before the last one.</summary>
    public bool Fits(TrainingState state) =>
        state is { Ended: null, Step: 0, Epoch: > 0, Engine.IsEmpty: false } && state.Epoch < Run.Plan.NumberOfEpochs;

    /// <summary>Begins anew.</summary>
    public void BeginAnew() => Run = rows.RunOf(trainer);

    /// <summary>
    /// Gives a trial whose rate followed from the rows, and was too high, a tenth of it; returns false where it has a rate of its own.
    /// </summary>
    public bool BeginsAgain()
    {
        if (Run is not { Ended: StopReason.Diverged, Rates: [var at, ..], Plan.LearningRates: [var rate, ..] }) return false;
        _firstRate ??= rate;
        if (!trainer.Options.BeginsAgain(rate, _firstRate.Value, at, _divergedAt)) return false;
        _divergedAt = at;
        Run = rows.RunOf(trainer, rate / 10);
        return true;
    }
}
