using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Whole curves of schedules, and what they are held against.</summary>
internal static class Curve
{
    /// <summary>The rates of one parameter group: that before the first step, and that after each but the last.</summary>
    public static double[] Of(LrSchedule schedule, double rate, int steps)
    {
        var scheduler = schedule.Start(rate);
        var rates = new double[steps];
        for (var step = 0; step < steps; step++, scheduler.Step()) rates[step] = scheduler.LearningRates[0];
        return rates;
    }

    /// <summary>The rate before the first step, and that after each step with its metric.</summary>
    public static double[] OfMetrics(LrSchedule schedule, double rate, params double[] metrics)
    {
        var scheduler = schedule.Start(rate);
        return [rate = scheduler.LearningRates[0], .. metrics.Select(metric =>
        {
            scheduler.Step(metric);
            return scheduler.LearningRates[0];
        })];
    }

    /// <summary>The rate and the momentum (NaN for none) of each minibatch of a training run; the metric is that of the epoch.</summary>
    public static (double[] Rates, double[] Momenta) OfRun(
        LrSchedule schedule, double rate, int epochs, int batches, Func<int, double>? metric = null)
    {
        var scheduler = schedule.Start(rate);
        var (rates, momenta) = (new List<double>(), new List<double>());
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            for (var batch = 0; batch < batches; batch++)
            {
                rates.Add(scheduler.LearningRates[0]);
                momenta.Add(scheduler.Momenta is [var momentum] ? momentum : double.NaN);
                scheduler.Advance(ScheduleInterval.Batch);
            }

            scheduler.Advance(ScheduleInterval.Epoch, metric is null ? null : _ => metric(epoch));
        }

        return ([.. rates], [.. momenta]);
    }

    /// <summary>Holds a curve against a function of the step, to 1e-12 relative (and 1e-16 where it comes down to zero).</summary>
    public static void AssertIs(Func<int, double> expected, double[] actual)
    {
        for (var step = 0; step < actual.Length; step++)
            Assert.AreEqual(expected(step), actual[step], Math.Max(1e-12 * expected(step), 1e-16), $"step {step}");
    }

    /// <summary>Holds a curve against another, to 1e-12 relative (and 1e-16 where it comes down to zero).</summary>
    public static void AssertIs(double[] expected, double[] actual)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        AssertIs(step => expected[step], actual);
    }
}
