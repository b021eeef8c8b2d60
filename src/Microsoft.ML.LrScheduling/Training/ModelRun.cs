using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The progress of one model in training: its rates, its epochs, its best epoch, and why it ended.</summary>
/// <param name="plan">The plan of the training.</param>
/// <param name="rowCount">The number of training rows.</param>
internal sealed class ModelRun(TrainingPlan plan, int rowCount)
{
    private readonly ScheduledRates _rates = new(plan.Schedules, plan.LearningRates, plan.Momentum);
    private readonly BestEpoch? _best = BestEpoch.For(plan);
    private readonly List<EpochRecord> _epochs = [];
    private readonly List<double> _batchRates = [];
    private LinearWeights? _lastGood;
    private long _stepsLeft = plan.NumberOfEpochs * StepsPerEpoch(plan, rowCount);

    /// <summary>The plan of the training.</summary>
    public TrainingPlan Plan => plan;

    /// <summary>Why training has ended; null if it has not.</summary>
    public StopReason? Ended { get; private set; }

    /// <summary>Why training failed; null if it has not failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>The message that says where training diverged and what to try; null if it has not diverged.</summary>
    public string? Divergence { get; private set; }

    /// <summary>Whether the rates can change after a minibatch.</summary>
    public bool StepsByBatch => _rates.StepsByBatch;

    /// <summary>The current rate of each parameter group.</summary>
    public ReadOnlySpan<double> Rates => _rates.Rates;

    /// <summary>The current momentum of each parameter group; empty if no schedule changes it.</summary>
    public ReadOnlySpan<double> Momenta => _rates.Momenta;

    /// <summary>The records of the epochs so far.</summary>
    public IReadOnlyList<EpochRecord> Epochs => _epochs;

    /// <summary>Records the rates of a minibatch, and steps the schedules.</summary>
    public void EndStep()
    {
        _stepsLeft--;
        if (!_rates.StepsByBatch) return;
        if (!plan.RecordsBatchRates) _batchRates.Clear();
        _batchRates.AddRange(_rates.Rates);
        // After the last minibatch and the last epoch nobody uses a rate, and a function of the user's may have none.
        if (_stepsLeft > 0) AdvanceByBatch(StepsTaken);
    }

    /// <summary>Returns the weights to measure and keep after an epoch: its own weights, or the average.</summary>
    /// <param name="weights">The weights after the epoch, which must be finite.</param>
    public LinearWeights Kept(LinearWeights weights) => plan.Averaging?.After(_epochs.Count + 1, _lastGood, weights) ?? weights;

    /// <summary>Records an epoch, reports it, and steps the schedules.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="weights">The weights to keep: see <see cref="Kept"/>.</param>
    /// <param name="trainingLoss">The mean training loss.</param>
    /// <param name="metrics">The metrics over the validation rows.</param>
    /// <param name="duration">The time the epoch took.</param>
    public void EndEpoch(
        int epoch, LinearWeights weights, double trainingLoss, ImmutableSortedDictionary<Metric, double> metrics, TimeSpan duration)
    {
        _lastGood = weights;
        double[] batchRates = [.. _batchRates];
        _batchRates.Clear();
        var record = new EpochRecord
        {
            Epoch = epoch + 1,
            LearningRates = [.. batchRates.Length == 0 ? _rates.Rates : batchRates.AsSpan()[^plan.LearningRates.Length..]],
            BatchLearningRates = plan.RecordsBatchRates ? new(batchRates) : [],
            TrainingLoss = trainingLoss,
            ValidationMetrics = metrics,
            Duration = duration,
        };
        _epochs.Add(record);
        // Before the user's code is called, because it can end training.
        _best?.See(record, weights);
        plan.Progress?.Report(new TrainingProgress(record, plan.NumberOfEpochs, rowCount));
        if (_best is { IsOver: true }) Ended = StopReason.EarlyStopped;
        else if (epoch + 1 >= plan.NumberOfEpochs) Ended = StopReason.Completed;
        else AdvanceAfter(record);
    }

    /// <summary>Ends training early.</summary>
    public void End(StopReason reason) => Ended = reason;

    /// <summary>Ends training because of a failure.</summary>
    /// <param name="failure">The reason.</param>
    public void Fail(string failure) => (Ended, Failure) = (StopReason.Failed, failure);

    /// <summary>The final weights: those of the last epoch, or those of the best epoch if it is to be restored.</summary>
    public LinearWeights Weights => _best is { IsRestored: true, Weights: { } best } ? best : _lastGood!;

    /// <summary>The best weights so far; null in the first epoch.</summary>
    public LinearWeights? BestSoFar => _best?.Weights ?? _lastGood;

    /// <summary>
    /// The number of models in a state, besides that of the engine: the last epoch and, if one is watched, the best epoch.
    /// </summary>
    public int KeptWeights => _best is null ? 1 : 2;

    /// <summary>Ends training because it diverged.</summary>
    /// <param name="step">The number of minibatches in the epoch so far.</param>
    /// <param name="loss">The loss of the last minibatch.</param>
    public void Diverge(int step, double loss) => (Ended, Divergence) = (StopReason.Diverged, string.Create(
        CultureInfo.InvariantCulture,
        $"Training diverged in epoch {_epochs.Count + 1}, step {step} of {StepsPerEpoch(plan, rowCount)}: the loss became {loss:G5} at a "
        + $"learning rate of {_rates.Rates[ILinearEngine.WeightGroup]:G5}. {plan.DivergenceAdvice}"));

    /// <summary>Returns the history so far.</summary>
    public TrainingHistory History(StopReason stopReason) => new()
    {
        Epochs = [.. _epochs],
        StopReason = stopReason,
        BestEpoch = _best?.Epoch,
        Divergence = Divergence,
    };

    /// <summary>Ends training because it diverged, and returns the exception.</summary>
    /// <inheritdoc cref="Diverge"/>
    public TrainingDivergedException Diverged(int step, double loss)
    {
        Diverge(step, loss);
        return new TrainingDivergedException(
            _epochs.Count + 1, step, _rates.Rates[ILinearEngine.WeightGroup], loss, _lastGood, History(StopReason.Diverged));
    }

    /// <summary>Returns the state from which training can resume.</summary>
    /// <param name="identity">The settings and rows that the state belongs to.</param>
    /// <param name="epoch">The epoch that the next minibatch belongs to, from 0.</param>
    /// <param name="step">The next minibatch of the epoch, from 0.</param>
    /// <param name="ended">Why training has ended; null if it has not.</param>
    /// <param name="engine">The state of the engine.</param>
    public TrainingState Save(TrainingIdentity identity, int epoch, int step, StopReason? ended, ImmutableArray<byte> engine) => new(
        identity, epoch, step, ended, _rates.Save(), [.. _epochs], [.. _batchRates],
        TrainingState.Bytes(writer => _best?.Save(writer)), TrainingState.Bytes(writer => _lastGood?.Save(writer)), engine);

    /// <summary>Resumes from a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="like">Weights of the same shape.</param>
    /// <exception cref="UnusableCheckpointException">The state has invalid content.</exception>
    public void Restore(TrainingState state, LinearWeights like)
    {
        if ((Misfit(state) ?? RatesMisfit(state)) is { } misfit) throw new UnusableCheckpointException(misfit);
        // The run may have had a different number of epochs, so a completed run can continue, and an unfinished one can be complete.
        Ended = state.Ended is not (null or StopReason.Completed) ? state.Ended
            : state.Epoch >= plan.NumberOfEpochs ? StopReason.Completed
            : null;
        _rates.Restore(state.Rates);
        _epochs.AddRange(state.Epochs);
        _batchRates.AddRange(state.BatchRates.AsSpan());
        TakeStepsLeftOut(state);
        if (!state.LastGood.IsEmpty) _lastGood = LinearWeights.Load(TrainingState.Reader(state.LastGood), like);
        // A saved best epoch is read even if this run watches none, to check that it is valid.
        if (!state.Best.IsEmpty) (_best ?? new BestEpoch(Metric.TrainingLoss, rule: null)).Load(TrainingState.Reader(state.Best), like);
        // If no best epoch was watched before, the last epoch is the first candidate.
        else if (_epochs.Count > 0) _best?.See(_epochs[^1], _lastGood!);
    }

    /// <summary>Describes invalid content of a state, whoever wrote it; null if the state is valid.</summary>
    private string? Misfit(TrainingState state)
    {
        var (groups, steps) = (plan.LearningRates.Length, StepsPerEpoch(plan, rowCount));
        // A checkpoint may be due after the last minibatch of an epoch, before the epoch has ended.
        if (state.Epoch > plan.NumberOfEpochs || state.Step > steps || (state.Step > 0 && state.Epoch == plan.NumberOfEpochs))
            return $"it is at step {state.Step} of epoch {state.Epoch + 1L}, of {plan.NumberOfEpochs} with {steps} steps each.";
        if (state.Ended is not null && (state.Step > 0 || state.Epoch == 0)) return "it has ended within an epoch.";
        if (state.Epochs.Count != state.Epoch || state.Epochs.Where((epoch, i) => epoch.Epoch != i + 1).Any())
            return $"its history must have the epochs 1 to {state.Epoch}.";
        if (state.Epochs.Any(epoch => epoch.LearningRates.Count != groups || epoch.BatchLearningRates.Count % groups != 0)
            || state.BatchRates.Count % groups != 0)
            return $"its history must have a rate for each of {groups} groups of parameters.";
        if (state.LastGood.IsEmpty != (state.Epoch == 0)) return "it must have weights after an epoch, and only then.";
        return state.Best.IsEmpty && plan.EarlyStopping is not null ? "it must have a best epoch where one is watched." : null;
    }

    /// <summary>
    /// Describes invalid states of the schedules; null if they are valid. They are compared with states that are computed again from the
    /// plan and the history, unless this would take too long or would call a delegate of the user a second time.
    /// </summary>
    private string? RatesMisfit(TrainingState state)
    {
        var minibatches = TakenBy(state) - (LacksLastStep(state) ? 1 : 0);
        // The schedules take no step after the epoch that ends training.
        var epochs = state.Epoch - (state.Ended is null ? 0 : 1);
        if (_rates.Misfit(state.Rates, epochs, minibatches) is { } misfit) return misfit;
        if (!_rates.CanBeWalkedAgain(_rates.StepsByBatch ? minibatches : epochs)) return null;
        try
        {
            return WalkAgain(state, epochs, minibatches);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return e.Message;
        }
    }

    private string? WalkAgain(TrainingState state, int epochs, long minibatches)
    {
        var steps = StepsPerEpoch(plan, rowCount);
        for (var epoch = 0; epoch <= state.Epoch; epoch++)
        {
            var ends = epoch < state.Epoch;
            for (long step = 0; _rates.StepsByBatch && step < (ends ? steps - 1 : state.Step); step++) EndMinibatch(epoch, step);
            if (!ends) break;
            if (!_rates.Are(state.Epochs[epoch].LearningRates)) return $"its history has other rates in epoch {epoch + 1}.";
            if (_rates.StepsByBatch) EndMinibatch(epoch, steps - 1);
            if (epoch < epochs) AdvanceAfter(state.Epochs[epoch]);
        }

        return _rates.Are(state.Rates) ? null : "the states of its schedules do not match its history.";

        void EndMinibatch(int epoch, long step)
        {
            if (minibatches-- > 0) AdvanceByBatch(epoch * steps + step + 1);
        }
    }

    private long TakenBy(TrainingState state) => state.Epoch * StepsPerEpoch(plan, rowCount) + state.Step;

    /// <summary>
    /// Whether the schedules in a state have not taken the step after the last minibatch, because the run ended there. They have taken it
    /// if the run was longer before it was resumed with fewer epochs.
    /// </summary>
    private bool LacksLastStep(TrainingState state)
    {
        var taken = TakenBy(state);
        return taken > 0 && taken == state.Identity.NumberOfEpochs * StepsPerEpoch(plan, rowCount)
            && _rates.MinibatchesOf(state.Rates) != taken;
    }

    /// <summary>Takes the schedule steps that the saved run omitted because it ended here, if this run is longer.</summary>
    private void TakeStepsLeftOut(TrainingState state)
    {
        var taken = TakenBy(state);
        _stepsLeft -= taken;
        if (Ended is not null || taken == 0 || taken != state.Identity.NumberOfEpochs * StepsPerEpoch(plan, rowCount)) return;
        if (_rates.StepsByBatch && _stepsLeft > 0 && LacksLastStep(state)) AdvanceByBatch(StepsTaken);
        if (state.Ended is not null) AdvanceAfter(_epochs[^1]);
    }

    // It has been checked that there are validation rows, so a metric that was not measured is not defined for them.
    private void AdvanceAfter(EpochRecord epoch) =>
        _rates.Advance(ScheduleInterval.Epoch, metric => epoch[metric] ?? double.NaN, epoch.Epoch + 1, minibatch: 1, IsFailure);

    private long StepsTaken => plan.NumberOfEpochs * StepsPerEpoch(plan, rowCount) - _stepsLeft;

    /// <summary>Advances the schedules to the minibatch that comes after so many.</summary>
    private void AdvanceByBatch(long taken)
    {
        var (epoch, step) = Math.DivRem(taken, StepsPerEpoch(plan, rowCount));
        _rates.Advance(ScheduleInterval.Batch, metrics: null, (int)epoch + 1, (int)step + 1, IsFailure);
    }

    private bool IsFailure(Exception e) => TrialFailure.IsOne(e, plan.Cancellation);

    private static long StepsPerEpoch(TrainingPlan plan, int rowCount) => (rowCount - 1) / plan.BatchSize + 1;
}
