using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial that trains in this process.</summary>
/// <param name="work">The trial.</param>
/// <param name="trainer">The trainer.</param>
/// <param name="rows">The rows.</param>
internal sealed class LiveTrial(TrialWork work, ISweptTrainer trainer, SweptRows rows)
{
    // The rate at which training diverged, if the rate was computed from the rows.
    private double _divergedAt = double.PositiveInfinity;
    private double? _firstRate;

    /// <summary>The trial.</summary>
    public TrialWork Work => work;

    /// <summary>The trainer.</summary>
    public ISweptTrainer Trainer => trainer;

    /// <summary>The progress of its training.</summary>
    public ModelRun Run { get; private set; } = rows.RunOf(trainer);

    /// <summary>The result.</summary>
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

    /// <summary>Whether the trial can resume from a state: one between two epochs, before the last epoch.</summary>
    public bool Fits(TrainingState state) =>
        state is { Ended: null, Step: 0, Epoch: > 0, Engine.IsEmpty: false } && state.Epoch < Run.Plan.NumberOfEpochs;

    /// <summary>Starts training from the beginning.</summary>
    public void BeginAnew() => Run = rows.RunOf(trainer);

    /// <summary>
    /// Starts again with a tenth of the rate, if training diverged and the rate was computed from the rows. Returns false if it does not
    /// start again.
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
