using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Walks along the schedules of a trainer before it trains, so that what must go wrong does not wait for its step.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="check">Called now and then: throws where the walk is to end.</param>
internal sealed class SchedulesAhead(LinearTrainerOptions options, Action check)
{
    // What comes down to zero in the last steps of a run does so on purpose.
    private const double MuchOfTheRun = 0.05;

    // As does what falls steeply.
    private const double MuchNearZero = 0.25;

    /// <summary>Whether the rows need not be counted before.</summary>
    public bool FollowFromOptions =>
        options.NumberOfEpochs is not null && options.Schedules.All(schedule => schedule is not { StepsByBatch: true });

    /// <summary>Refuses schedules that cannot give the rates of the run.</summary>
    /// <param name="stepsPerEpoch">The minibatches of an epoch; any where <see cref="FollowFromOptions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run is longer than a schedule with an end.</exception>
    /// <exception cref="ScheduleException">A rate of the run cannot be given.</exception>
    public void Check(int stepsPerEpoch)
    {
        var epochs = options.EpochsFor(stepsPerEpoch);
        foreach (var (name, schedule, rates) in Named)
        {
            // Walking takes time, and the others cannot fail on the way.
            if (schedule.MayFail) RunAhead.Of(name, schedule, epochs, stepsPerEpoch, rates, check);
            else RunAhead.InRun(name, schedule, epochs, stepsPerEpoch);
        }
    }

    /// <summary>
    /// Refuses schedules that cannot give the rates of the run, and tells of those that leave much of it at a rate of 0 or near it.
    /// </summary>
    /// <inheritdoc cref="Check"/>
    public IReadOnlyList<string> Warnings(int stepsPerEpoch)
    {
        var warnings = new List<string>();
        var epochs = options.EpochsFor(stepsPerEpoch);
        foreach (var (name, schedule, rates) in Named)
        {
            var ahead = RunAhead.Of(name, schedule, epochs, stepsPerEpoch, rates, check);
            if (ahead.StepsAtZero > 0 && ahead.StepsAtZero >= MuchOfTheRun * ahead.Steps)
                warnings.Add(WarningOf(name, schedule, epochs, ahead.Steps, ahead.StepsAtZero, "at 0", "nothing"));
            // Rates of its own are not measured by an initial one.
            else if (schedule.OwnRates is null && ahead.StepsNearZero >= MuchNearZero * ahead.Steps)
                warnings.Add(WarningOf(
                    name, schedule, epochs, ahead.Steps, ahead.StepsNearZero, "below a millionth of the initial rate", "almost nothing"));
        }

        return warnings;
    }

    private static string WarningOf(string name, LrSchedule schedule, int epochs, long steps, long low, string where, string learned)
    {
        var stepsInEpoch = steps / epochs;
        var (epoch, minibatch) = Math.DivRem(steps - low, stepsInEpoch);
        var since = minibatch == 0 ? $"epoch {epoch + 1}" : $"epoch {epoch + 1}, minibatch {minibatch + 1}";
        var part = minibatch == 0 ? $"{epochs - epoch} of {epochs} epochs" : $"{low} of {steps} steps";
        var run = stepsInEpoch == 1 ? $"{epochs} epochs" : $"{epochs} epochs of {stepsInEpoch} steps";
        return $"{name} keeps the learning rate {where} from {since} on. For {part}, {learned} is learned: {schedule}. Make the "
            + $"schedule as long as the run ({run}), change NumberOfEpochs, or set a minimum rate with WithFloor.";
    }

    private IEnumerable<(string Name, LrSchedule Schedule, double[] Rates)> Named
    {
        get
        {
            // Which rate it is does not matter, so that one that follows from the rows need not be known.
            var rates = options.LearningRates(rate: 0.01);
            if (options.LearningRateSchedule is { } schedule)
                yield return (nameof(options.LearningRateSchedule), schedule,
                    options.BiasLearningRateSchedule is null ? rates : rates[..1]);
            if (options.BiasLearningRateSchedule is { } biasSchedule)
                yield return (nameof(options.BiasLearningRateSchedule), biasSchedule, rates[1..]);
        }
    }
}
