using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class ResumeTests
{
    private const int Steps = 60;

    private static readonly LrSchedule[] Schedules =
    [
        LrSchedule.StepLR(7, 0.3),
        LrSchedule.StepLR(1, 0.97) with { Interval = ScheduleInterval.Batch },
        LrSchedule.LambdaLR(epoch => Math.Pow(0.95, epoch), epoch => 1.0 / (1 + epoch)),
        LrSchedule.ReduceLROnPlateau(patience: 2, cooldown: 1, factor: 0.7, minLr: [1e-3, 0.0]),
        LrSchedule.ReduceLROnPlateau(PlateauMode.Max, patience: 0, threshold: 0.01, thresholdMode: ThresholdMode.Abs),
    ];

    [TestMethod]
    public void A_schedule_resumes_at_every_step_bit_for_bit()
    {
        // A metric that falls, rests and rises: sin has no pattern that fits a patience.
        double[] metrics = [.. Enumerable.Range(0, Steps).Select(i => 1 + Math.Sin(i * 0.37) / (1 + i * 0.05))];
        foreach (var schedule in Schedules)
        {
            var whole = Run(schedule.Start(0.1, 0.02), metrics, 0);
            for (var stop = 0; stop <= Steps; stop++)
            {
                var first = schedule.Start(0.1, 0.02);
                Run(first, metrics[..stop], 0);
                var json = JsonSerializer.Serialize(first.Save());
                var state = JsonSerializer.Deserialize<LrSchedulerState>(json)!;
                Assert.AreEqual(first.Save(), state);
                var second = schedule.Resume(state);
                Assert.AreEqual(first.StepCount, second.StepCount);
                CollectionAssert.AreEqual(first.LearningRates.ToArray(), second.LearningRates.ToArray());
                CollectionAssert.AreEqual(whole[stop..], Run(second, metrics, stop), $"{schedule} stopped at {stop}");
            }
        }
    }

    [TestMethod]
    public void A_state_of_another_kind_or_a_damaged_one_is_refused()
    {
        var plateau = LrSchedule.ReduceLROnPlateau(patience: 2).Start(0.1);
        plateau.Step(1.0);
        var state = plateau.Save();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(3).Resume(state)).Message, "state is not one that a running StepLR saved");
        Assert.ThrowsExactly<ArgumentException>(() => plateau.Schedule.Resume(LrSchedule.StepLR(3).Start(0.1).Save()));
        Assert.ThrowsExactly<ArgumentException>(() => plateau.Schedule.Resume(state with { LearningRates = [] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plateau.Schedule.Resume(state with { LearningRates = [double.NaN] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plateau.Schedule.Resume(state with { StepCount = -1 }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            plateau.Schedule.Resume(state with { Schedule = state.Schedule with { Values = [1.0, 99, 0] } }), "more bad epochs than patience forgives");
    }

    private static (double, double)[] Run(LrScheduler scheduler, double[] metrics, int from)
    {
        var rates = new List<(double, double)>();
        for (var step = from; step < metrics.Length; step++)
        {
            scheduler.Step(metrics[step]);
            rates.Add((scheduler.LearningRates[0], scheduler.LearningRates[1]));
        }

        return [.. rates];
    }
}
