using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Limits the rate of another schedule from below: <c>rate(t) = max(minLr, r(t))</c>, where r(t) is the rate of the other schedule.
/// </summary>
/// <remarks>
/// The floor does not change the state of the other schedule, which continues as it would without a floor. The momentum is not changed. A
/// floor above the initial rate raises the rate. In a part of a <see cref="ChainedScheduler"/> the floor applies to the rate of the chain.
/// Source: <c>min_lr</c> of PyTorch's <c>ReduceLROnPlateau</c>, applied to any schedule.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.FloorLR(LrSchedule.StepLR(stepSize: 2, gamma: 0.1), minLr: 0.05);
/// var rates = schedule.Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 0.1, 0.1, 0.05, 0.05
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record FloorLR : SurroundingSchedule
{
    internal FloorLR()
    {
    }

    /// <summary>The other schedule, of any type.</summary>
    /// <exception cref="ArgumentException">The schedules are nested too deeply, or there are too many of them.</exception>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public override required LrSchedule Schedule { get; init => field = Within(value); }

    /// <summary>The minimum rate, in [0, ∞): one value for all parameter groups, or one per group.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public required PerGroup<double> MinLr { get; init => field = PerGroup.Checked(value, "minLr", Argument.NonNegative); }

    internal override bool HasFloor => true;

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(MinLr, "minLr", groupCount);
        base.CheckStart(groupCount);
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private sealed class Run : SurroundingRun
    {
        private readonly double[] _floors;

        public Run(FloorLR schedule, ParameterGroups groups)
            : base(schedule, groups)
        {
            _floors = [.. Enumerable.Range(0, groups.Count).Select(schedule.MinLr.ForGroup)];
            Set(groups);
        }

        public override double FloorOf(int group, ParameterGroups groups) => Math.Max(_floors[group], FloorWithin(group));

        protected override void Make(ReadOnlySpan<double> within, Span<double> rates)
        {
            for (var group = 0; group < rates.Length; group++) rates[group] = Math.Max(_floors[group], within[group]);
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that limits the rate of another schedule from below. See <see cref="Schedules.FloorLR"/>.</summary>
    /// <param name="schedule">The other schedule.</param>
    /// <param name="minLr">The minimum rate, in [0, ∞): one value for all parameter groups, or one per group.</param>
    /// <exception cref="ArgumentException">minLr is an empty list, or the schedules are nested too deeply.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A minimum rate is outside its range.</exception>
    public static FloorLR FloorLR(LrSchedule schedule, PerGroup<double> minLr) => new() { Schedule = schedule, MinLr = minLr };

    /// <summary>
    /// Returns this schedule with a minimum rate: <c>rate(t) = max(minLr, r(t))</c>, where r(t) is the rate of this schedule. See
    /// <see cref="Schedules.FloorLR"/>.
    /// </summary>
    /// <param name="minLr">The minimum rate, in [0, ∞): one value for all parameter groups, or one per group.</param>
    /// <exception cref="ArgumentException">minLr is an empty list, or the schedules are nested too deeply.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A minimum rate is outside its range.</exception>
    public FloorLR WithFloor(PerGroup<double> minLr) => FloorLR(this, minLr);
}
