using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A forecast of a training run: how many steps at its end have the rate 0 or almost 0. It is computed before training from the schedule
/// alone: see <see cref="LrSchedule.Foretold"/>.
/// </summary>
/// <param name="Steps">The number of minibatches, or of epochs if the rates change only with the epoch.</param>
/// <param name="StepsAtZero">The number of steps at the end of the run in which the rates of all parameter groups are 0.</param>
/// <param name="StepsNearZero">
/// The number of steps at the end of the run in which the rates of all groups are below <see cref="NextToNothing"/> of their initial rates.
/// </param>
internal readonly record struct RunAhead(long Steps, long StepsAtZero, long StepsNearZero)
{
    /// <summary>The fraction of the initial rate below which training makes no progress.</summary>
    private const double NextToNothing = 1e-6;

    // The maximum number of steps times schedules, which takes a fraction of a second.
    private const long MostWork = 4_000_000;

    // This number of characters in an expression takes about as long as one schedule.
    private const int CharactersWorthASchedule = 16;

    /// <summary>
    /// The maximum number of steps that a forecast computes: four million for a schedule without parts, and fewer for a schedule with many
    /// parts or long expressions.
    /// </summary>
    public static long LongestWalk(LrSchedule schedule) => MostWork
        / (schedule.Size
            + ScheduleKind.FunctionsOf(schedule).Sum(static function => function.Expression?.Length ?? 0L) / CharactersWorthASchedule);

    /// <summary>Fits a schedule to a run, with the name of the schedule in the error message.</summary>
    /// <param name="name">The name of the schedule in an error message.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="epochs">The epochs of the run.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch; null if their number is not known, but there is at least one.</param>
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
    /// Computes the rates of a run, in order, for at most <see cref="LongestWalk"/> steps. For a longer run it reports only a failure in
    /// these steps, and no steps at 0.
    /// </summary>
    /// <param name="name">The name of the schedule in an error message.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="epochs">The epochs of the run.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch.</param>
    /// <param name="learningRates">The initial rate of each parameter group.</param>
    /// <param name="check">A method that is called once per epoch. It throws an exception to cancel the forecast.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run is longer than a schedule with an end.</exception>
    /// <exception cref="ScheduleException">A rate of the run cannot be computed.</exception>
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
                // Only what the next step needs is computed, so that a failure belongs to that step.
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
