using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>A model's way through training: its rates, what it has gone through, its best epoch, and why it ended.</summary>
/// <param name="plan">What is to be done.</param>
/// <param name="rowCount">The training rows.</param>
internal sealed class ModelRun(TrainingPlan plan, int rowCount)
{
    private readonly ScheduledRates _rates = new(plan.Schedules, plan.LearningRates, plan.Momentum);
    private readonly BestEpoch? _best = BestEpoch.For(plan);
    private readonly List<EpochRecord> _epochs = [];
    private readonly List<double> _batchRates = [];
    private LinearWeights? _lastGood;
    private long _stepsLeft = plan.NumberOfEpochs * StepsPerEpoch(plan, rowCount);

    /// <summary>What is to be done.</summary>
    public TrainingPlan Plan => plan;

    /// <summary>Why training has ended; null as long as it goes on.</summary>
    public StopReason? Ended { get; private set; }

    /// <summary>Why it could not be trained; null as long as it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>Where training has diverged, and what is to be tried, in words; null where it has not.</summary>
    public string? Divergence { get; private set; }

    /// <summary>Whether the rates may change after a minibatch.</summary>
    public bool StepsByBatch => _rates.StepsByBatch;

    /// <summary>The rate of each group now.</summary>
    public ReadOnlySpan<double> Rates => _rates.Rates;

    /// <summary>The momentum of each group now; empty where no schedule changes it.</summary>
    public ReadOnlySpan<double> Momenta => _rates.Momenta;

    /// <summary>The epochs so far.</summary>
    public IReadOnlyList<EpochRecord> Epochs => _epochs;

    /// <summary>Goes on after a minibatch.</summary>
    public void EndStep()
    {
        _stepsLeft--;
        if (!_rates.StepsByBatch) return;
        if (!plan.RecordsBatchRates) _batchRates.Clear();
        _batchRates.AddRange(_rates.Rates);
        // After the last minibatch and the last epoch nobody uses a rate, and a function of the user's may have none.
        if (_stepsLeft > 0) AdvanceByBatch(StepsTaken);
    }

    /// <summary>What is measured and kept after an epoch, which its weights are, or their average.</summary>
    /// <param name="weights">The weights after it, which are finite.</param>
    public LinearWeights Kept(LinearWeights weights) => plan.Averaging?.After(_epochs.Count + 1, _lastGood, weights) ?? weights;

    /// <summary>Takes note of an epoch, reports it, and tells the schedules.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="weights">What is kept of it.</param>
    /// <param name="trainingLoss">The mean loss.</param>
    /// <param name="metrics">What was measured over validation rows.</param>
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
        // Before anything of the user's is asked, which may end training.
        _best?.See(record, weights);
        plan.Progress?.Report(new TrainingProgress(record, plan.NumberOfEpochs, rowCount));
        if (_best is { IsOver: true }) Ended = StopReason.EarlyStopped;
        else if (epoch + 1 >= plan.NumberOfEpochs) Ended = StopReason.Completed;
        else AdvanceAfter(record);
    }

    /// <summary>Ends before the end.</summary>
    public void End(StopReason reason) => Ended = reason;

    /// <summary>Ends because it cannot go on.</summary>
    /// <param name="failure">Why.</param>
    public void Fail(string failure) => (Ended, Failure) = (StopReason.Failed, failure);

    /// <summary>The result: the weights after the last epoch, or the best ones if those are to be restored.</summary>
    public LinearWeights Weights => _best is { IsRestored: true, Weights: { } best } ? best : _lastGood!;

    /// <summary>The best weights that there are so far; null before the first epoch has ended.</summary>
    public LinearWeights? BestSoFar => _best?.Weights ?? _lastGood;

    /// <summary>How many weights a state holds beside the engine's: those of the last epoch, and of the best.</summary>
    public int KeptWeights => _best is null ? 1 : 2;

    /// <summary>Ends because training has diverged.</summary>
    /// <param name="step">The minibatches of the epoch so far.</param>
    /// <param name="loss">The loss of the last one.</param>
    public void Diverge(int step, double loss) => (Ended, Divergence) = (StopReason.Diverged, string.Create(
        CultureInfo.InvariantCulture,
        $"Training diverged in epoch {_epochs.Count + 1}, step {step} of {StepsPerEpoch(plan, rowCount)}: the loss became {loss:G5} at a "
        + $"learning rate of {_rates.Rates[ILinearEngine.WeightGroup]:G5}. {plan.DivergenceAdvice}"));

    /// <summary>What happened.</summary>
    public TrainingHistory History(StopReason stopReason) => new()
    {
        Epochs = [.. _epochs],
        StopReason = stopReason,
        BestEpoch = _best?.Epoch,
        Divergence = Divergence,
    };

    /// <summary>Ends because training has diverged; returns what says so.</summary>
    /// <inheritdoc cref="Diverge"/>
    public TrainingDivergedException Diverged(int step, double loss)
    {
        Diverge(step, loss);
        return new TrainingDivergedException(
            _epochs.Count + 1, step, _rates.Rates[ILinearEngine.WeightGroup], loss, _lastGood, History(StopReason.Diverged));
    }

    /// <summary>All that training needs to go on from a moment.</summary>
    /// <param name="identity">What it belongs to.</param>
    /// <param name="epoch">The epoch that the next minibatch belongs to, from 0.</param>
    /// <param name="step">The next minibatch of the epoch, from 0.</param>
    /// <param name="ended">Why training has ended; null where it goes on.</param>
    /// <param name="engine">The engine's own state.</param>
    public TrainingState Save(TrainingIdentity identity, int epoch, int step, StopReason? ended, ImmutableArray<byte> engine) => new(
        identity, epoch, step, ended, _rates.Save(), [.. _epochs], [.. _batchRates],
        TrainingState.Bytes(writer => _best?.Save(writer)), TrainingState.Bytes(writer => _lastGood?.Save(writer)), engine);

    /// <summary>Goes on from a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="like">Weights of the same shape.</param>
    /// <exception cref="UnusableCheckpointException">The state says what cannot be.</exception>
    public void Restore(TrainingState state, LinearWeights like)
    {
        if ((Misfit(state) ?? RatesMisfit(state)) is { } misfit) throw new UnusableCheckpointException(misfit);
        // A run may have been of another number of epochs.
        Ended = state.Ended is not (null or StopReason.Completed) ? state.Ended
            : state.Epoch >= plan.NumberOfEpochs ? StopReason.Completed
            : null;
        _rates.Restore(state.Rates);
        _epochs.AddRange(state.Epochs);
        _batchRates.AddRange(state.BatchRates.AsSpan());
        TakeStepsLeftOut(state);
        if (!state.LastGood.IsEmpty) _lastGood = LinearWeights.Load(TrainingState.Reader(state.LastGood), like);
        // Of a run that was to return its best model, and is no more, it must still be one.
        if (!state.Best.IsEmpty) (_best ?? new BestEpoch(Metric.TrainingLoss, rule: null)).Load(TrainingState.Reader(state.Best), like);
        // Of one that was not, and is now, the best is that since.
        else if (_epochs.Count > 0) _best?.See(_epochs[^1], _lastGood!);
    }

    /// <summary>What of a state cannot be, whoever wrote it; null where all can.</summary>
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
    /// What of the schedules' states cannot be: they follow from the rates of the plan and the history, where no function of the user's
    /// would have to be asked again.
    /// </summary>
    private string? RatesMisfit(TrainingState state)
    {
        var minibatches = TakenBy(state) - (LacksLastStep(state) ? 1 : 0);
        // Nor is anybody told of an epoch that ends training.
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
    /// Whether a state is of the end of its run, of whose last step nobody is told, but for a run that was made shorter meanwhile.
    /// </summary>
    private bool LacksLastStep(TrainingState state)
    {
        var taken = TakenBy(state);
        return taken > 0 && taken == state.Identity.NumberOfEpochs * StepsPerEpoch(plan, rowCount)
            && _rates.MinibatchesOf(state.Rates) != taken;
    }

    /// <summary>A run that was to end here did not ask for the rates with which a longer one goes on.</summary>
    private void TakeStepsLeftOut(TrainingState state)
    {
        var taken = TakenBy(state);
        _stepsLeft -= taken;
        if (Ended is not null || taken == 0 || taken != state.Identity.NumberOfEpochs * StepsPerEpoch(plan, rowCount)) return;
        if (_rates.StepsByBatch && _stepsLeft > 0 && LacksLastStep(state)) AdvanceByBatch(StepsTaken);
        if (state.Ended is not null) AdvanceAfter(_epochs[^1]);
    }

    // That there are rows to measure on has been seen to: what was not measured is not defined for them.
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
