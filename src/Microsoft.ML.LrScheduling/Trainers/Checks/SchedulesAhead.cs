using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Computes the rates of a trainer's schedules before training, so that an error is found before the first step and not at its own step.
/// </summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="check">A method that is called regularly. It throws an exception to cancel.</param>
internal sealed class SchedulesAhead(LinearTrainerOptions options, Action check)
{
    // A schedule that reaches zero only in this last fraction of the run does so on purpose.
    private const double MuchOfTheRun = 0.05;

    // The same for a schedule that gets near zero in a steep decrease.
    private const double MuchNearZero = 0.25;

    /// <summary>Whether the number of rows is not needed, so that the schedules can be checked before the rows are read.</summary>
    public bool FollowFromOptions =>
        options.NumberOfEpochs is not null && options.Schedules.All(schedule => schedule is not { StepsByBatch: true });

    /// <summary>Checks that the schedules can compute all rates of the run.</summary>
    /// <param name="stepsPerEpoch">The number of minibatches in an epoch; any number if <see cref="FollowFromOptions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run is longer than a schedule with an end.</exception>
    /// <exception cref="ScheduleException">A rate of the run cannot be computed.</exception>
    public void Check(int stepsPerEpoch)
    {
        var epochs = options.EpochsFor(stepsPerEpoch);
        foreach (var (name, schedule, rates) in Named)
        {
            // Only schedules that can fail are computed step by step, because this takes time.
            if (schedule.MayFail) RunAhead.Of(name, schedule, epochs, stepsPerEpoch, rates, check);
            else RunAhead.InRun(name, schedule, epochs, stepsPerEpoch);
        }
    }

    /// <summary>
    /// Does the same check, and returns warnings about schedules whose rate is 0 or almost 0 in much of the run.
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
            // The initial rate does not matter here, so a rate that is computed from the rows is not needed.
            var rates = options.LearningRates(rate: 0.01);
            if (options.LearningRateSchedule is { } schedule)
                yield return (nameof(options.LearningRateSchedule), schedule,
                    options.BiasLearningRateSchedule is null ? rates : rates[..1]);
            if (options.BiasLearningRateSchedule is { } biasSchedule)
                yield return (nameof(options.BiasLearningRateSchedule), biasSchedule, rates[1..]);
        }
    }
}
