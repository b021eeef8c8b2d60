using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A training run as its schedule alone foretells it: see <see cref="LrSchedule.Foretold"/>.</summary>
/// <param name="Steps">The minibatches, or the epochs of a schedule whose rates only change with them.</param>
/// <param name="StepsAtZero">Those at the end of the run in which the rate of every parameter group is 0.</param>
/// <param name="StepsNearZero">Those at the end of the run in which it is below <see cref="NextToNothing"/> of the initial one.</param>
internal readonly record struct RunAhead(long Steps, long StepsAtZero, long StepsNearZero)
{
    /// <summary>The part of an initial rate with which training comes nowhere.</summary>
    private const double NextToNothing = 1e-6;

    // Steps by what each of them asks: so many take a part of a second.
    private const long MostWork = 4_000_000;

    // So much of an expression takes about as long as a schedule without one.
    private const int CharactersWorthASchedule = 16;

    /// <summary>
    /// The most steps of a schedule that are walked along: four million of one that is not made of others, fewer of one with many parts or
    /// a long expression.
    /// </summary>
    public static long LongestWalk(LrSchedule schedule) => MostWork
        / (schedule.Size
            + ScheduleKind.FunctionsOf(schedule).Sum(static function => function.Expression?.Length ?? 0L) / CharactersWorthASchedule);

    /// <summary>A schedule as it is in a run.</summary>
    /// <param name="name">What the schedule is called in an error.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="epochs">The epochs of the run.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch; null where they are not known, of which there is one at least.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run is longer than a schedule with an end.</exception>
    public static LrSchedule InRun(string name, LrSchedule schedule, int epochs, int? stepsPerEpoch)
    {
        try
        {
            return schedule.ForRun(epochs, stepsPerEpoch ?? 1);
        }
        catch (ArgumentOutOfRangeException e)
        {
            var minibatches = !schedule.StepsByBatch ? ""
                : stepsPerEpoch is { } steps ? $" of {Quantity.Of(steps, "minibatch", "minibatches")}"
                : " of at least one minibatch";
            throw new ArgumentOutOfRangeException(
                name, $"{name} cannot hold for {Quantity.Of(epochs, "epoch")}{minibatches}: {Argument.MessageOf(e)}");
        }
    }

    /// <summary>
    /// Walks along the rates that a run would ask for, in its order, as far as <see cref="LongestWalk"/>. Of a run that is longer nothing
    /// is told but a failure on the way.
    /// </summary>
    /// <param name="name">What the schedule is called in an error.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="epochs">The epochs of the run.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch.</param>
    /// <param name="learningRates">The initial rate of each parameter group.</param>
    /// <param name="check">Called once an epoch: throws where the walk is to end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run is longer than a schedule with an end.</exception>
    /// <exception cref="ScheduleException">A rate of the run cannot be given.</exception>
    public static RunAhead Of(
        string name, LrSchedule schedule, int epochs, int stepsPerEpoch, double[] learningRates, Action check)
    {
        var run = InRun(name, schedule, epochs, stepsPerEpoch).Foretold;
        var stepsInWalk = schedule.StepsByBatch ? stepsPerEpoch : 1;
        var (steps, longest) = ((long)epochs * stepsInWalk, LongestWalk(run));
        var (epoch, batch, stepsAboveZero, stepsAboveNothing) = (0, 0, 0L, 0L);
        double[] least = [.. learningRates.Select(rate => NextToNothing * rate)];
        try
        {
            var scheduler = run.Start(learningRates);
            for (long step = 1; step <= Math.Min(steps, longest); step++)
            {
                if (IsAbove(least, scheduler.LearningRates)) stepsAboveNothing = step;
                if (!IsZero(scheduler.LearningRates)) stepsAboveZero = step;
                if (step == steps) break;
                // What the next step needs is asked for, and no more: a failure is one of that step.
                var endsEpoch = ++batch == stepsInWalk;
                if (endsEpoch) (epoch, batch) = (epoch + 1, 0);
                if (schedule.StepsByBatch) scheduler.Advance(ScheduleInterval.Batch);
                if (!endsEpoch) continue;
                scheduler.Advance(ScheduleInterval.Epoch, static _ => double.NaN);
                check();
            }
        }
        catch (ScheduleException e)
        {
            throw new ScheduleException(name, schedule, epochs, epoch + 1, schedule.StepsByBatch ? batch + 1 : null, e);
        }

        return steps <= longest ? new RunAhead(steps, steps - stepsAboveZero, steps - stepsAboveNothing) : new RunAhead(steps, 0, 0);
    }

    private static bool IsAbove(double[] least, IReadOnlyList<double> rates)
    {
        for (var group = 0; group < rates.Count; group++)
            if (rates[group] >= least[group])
                return true;
        return false;
    }

    private static bool IsZero(IReadOnlyList<double> rates)
    {
        for (var group = 0; group < rates.Count; group++)
            if (rates[group] > 0)
                return false;
        return true;
    }
}
