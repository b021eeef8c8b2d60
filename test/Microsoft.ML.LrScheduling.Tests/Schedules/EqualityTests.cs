using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class EqualityTests
{
    [TestMethod]
    public void A_copy_through_JSON_is_equal_and_has_the_same_hash() =>
        ScheduleDraw.Check(RandomSchedules.Open, 1000, draw => AssertEqual(draw.Schedule, LrSchedule.FromJson(draw.Schedule.ToJson())));

    [TestMethod]
    public void A_copy_through_text_is_equal_and_has_the_same_hash() =>
        ScheduleDraw.Check(RandomSchedules.Open, 1000, draw => AssertEqual(draw.Schedule, LrSchedule.Parse(draw.Schedule.ToString())));

    [TestMethod]
    public void Schedules_are_equal_exactly_when_they_print_alike() => Draws.Hold(
        Prop.ForAll(RandomSchedules.Simple, RandomSchedules.Simple, (one, other) =>
            one.Schedule.Equals(other.Schedule) == (one.Schedule.ToString() == other.Schedule.ToString())), 2000);

    [TestMethod]
    public void A_schedule_with_another_interval_is_another() => ScheduleDraw.Check(RandomSchedules.Simple, 500, draw =>
    {
        if (draw.Schedule is MetricSchedule) return;
        var other = draw.Schedule.Interval == ScheduleInterval.Epoch ? ScheduleInterval.Batch : ScheduleInterval.Epoch;
        Assert.AreNotEqual(draw.Schedule, draw.Schedule with { Interval = other });
        AssertEqual(draw.Schedule, draw.Schedule with { Interval = other } with { Interval = draw.Schedule.Interval });
    });

    private static void AssertEqual(LrSchedule one, LrSchedule other)
    {
        Assert.AreNotSame(one, other);
        Assert.AreEqual(one, other);
        Assert.IsTrue(one == other);
        Assert.AreEqual(one.GetHashCode(), other.GetHashCode());
    }
}
