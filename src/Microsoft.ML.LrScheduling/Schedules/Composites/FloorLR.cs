using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Keeps the rate of another schedule from falling below a least one: <c>rate(t) = max(minLr, r(t))</c>, where r(t) is the rate that the
/// schedule alone has.
/// </summary>
/// <remarks>
/// The schedule goes on below the floor as it would without one, and its momentum is left alone. A floor above the initial rate raises it.
/// As a part of a <see cref="ChainedScheduler"/> the floor is one of the chain's rate. Source: <c>min_lr</c> of PyTorch's
/// <c>ReduceLROnPlateau</c>, for any schedule.
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

    /// <summary>The schedule that has the floor, of any kind.</summary>
    /// <exception cref="ArgumentException">Schedules are nested too deep, or too many.</exception>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public override required LrSchedule Schedule { get; init => field = Within(value); }

    /// <summary>The least rate, in [0, ∞), for all parameter groups or one a group.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
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
    /// <summary>Keeps the rate of a schedule from falling below a least one. See <see cref="Schedules.FloorLR"/>.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="minLr">The least rate, in [0, ∞), for all parameter groups or one a group.</param>
    /// <exception cref="ArgumentException">minLr is an empty list, or schedules are nested too deep.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A least rate is outside its range.</exception>
    public static FloorLR FloorLR(LrSchedule schedule, PerGroup<double> minLr) => new() { Schedule = schedule, MinLr = minLr };

    /// <summary>
    /// This schedule with a least rate: <c>rate(t) = max(minLr, r(t))</c>, where r(t) is the rate of this one. See
    /// <see cref="Schedules.FloorLR"/>.
    /// </summary>
    /// <param name="minLr">The least rate, in [0, ∞), for all parameter groups or one a group.</param>
    /// <exception cref="ArgumentException">minLr is an empty list, or schedules are nested too deep.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A least rate is outside its range.</exception>
    public FloorLR WithFloor(PerGroup<double> minLr) => FloorLR(this, minLr);
}
