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
public sealed record FloorLR : LrSchedule
{
    private readonly int _depth;
    private readonly int _size;

    internal FloorLR()
    {
    }

    /// <summary>The schedule that has the floor, of any kind.</summary>
    /// <exception cref="ArgumentException">Schedules are nested too deep, or too many.</exception>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required LrSchedule Schedule
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, "schedule");
            (field, (_depth, _size)) = (value, CompositeSchedule.Measure([value]));
        }
    }

    /// <summary>The least rate, in [0, ∞), for all parameter groups or one a group.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public required PerGroup<double> MinLr { get; init => field = PerGroup.Checked(value, "minLr", Argument.NonNegative); }

    /// <summary>The interval of the schedule; setting it sets that.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one that the schedule can have.</exception>
    /// <exception cref="NotSupportedException">The interval of the schedule follows from its parts.</exception>
    [JsonIgnore]
    public override ScheduleInterval Interval { get => Schedule.Interval; init => Schedule = Schedule with { Interval = value }; }

    /// <inheritdoc/>
    public override LrSchedule WithInterval(ScheduleInterval interval) => this with { Schedule = Schedule.WithInterval(interval) };

    internal override IEnumerable<LrSchedule> Parts => [Schedule];

    internal override int Depth => _depth;

    internal override int Size => _size;

    internal override bool HasFloor => true;

    internal override bool TakesOverEnd => Schedule.TakesOverEnd;

    internal override LrSchedule For(RunSpan run) =>
        this with { Schedule = Schedule.For(run with { Taken = TakenAt(run) }) };

    internal override LrSchedule Watching(Metric metric) => this with { Schedule = Schedule.Watching(metric) };

    internal override LrSchedule Foretold => this with { Schedule = Schedule.Foretold };

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(MinLr, "minLr", groupCount);
        base.CheckStart(groupCount);
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private sealed class Run : ScheduleRun
    {
        private readonly double[] _floors;
        private readonly ParameterGroups _own;
        private readonly ScheduleRun _run;

        public Run(FloorLR schedule, ParameterGroups groups)
            : base(nameof(FloorLR))
        {
            _floors = [.. Enumerable.Range(0, groups.Count).Select(schedule.MinLr.ForGroup)];
            _own = groups.Fresh(schedule.Schedule);
            // A plateau goes on from what it finds.
            groups.LearningRates.CopyTo(_own.LearningRates, 0);
            _run = schedule.Schedule.BeginAtStart(_own);
            Set(groups);
        }

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            _run.Step(signal, _own);
            Set(groups);
        }

        public override void Skip(long steps, ParameterGroups groups)
        {
            _run.Skip(steps, _own);
            Set(groups);
        }

        public override double FloorOf(int group, ParameterGroups groups) => Math.Max(_floors[group], _run.FloorOf(group, _own));

        private void Set(ParameterGroups groups)
        {
            _own.KeepInRange();
            var (floors, own, rates) = (_floors, _own.LearningRates, groups.LearningRates);
            for (var group = 0; group < rates.Length; group++) rates[group] = Math.Max(floors[group], own[group]);
            for (var group = 0; group < _own.Momenta.Length; group++) groups.Momenta[group] = _own.Momenta[group];
        }

        private protected override ScheduleState SaveCore() =>
            new() { Step = 0, Values = [.. _own.LearningRates, .. _own.Momenta], Parts = [_run.Save()] };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Parts: [var part] } || state.Values.Count != _own.LearningRates.Length + _own.Momenta.Length
                || state.Values.Any(value => !(value >= 0)))
                return false;
            _run.Restore(part);
            state.Values.AsSpan()[.._own.Count].CopyTo(_own.LearningRates);
            state.Values.AsSpan()[_own.Count..].CopyTo(_own.Momenta);
            return true;
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
