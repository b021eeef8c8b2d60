using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A schedule that wraps another schedule and changes its rates.</summary>
public abstract record SurroundingSchedule : LrSchedule
{
    private int _depth;
    private int _size;

    private protected SurroundingSchedule()
    {
    }

    // Abstract, because the text and JSON forms list the properties of a type in the order of their declarations in that type.

    /// <summary>The wrapped schedule, of any type.</summary>
    /// <exception cref="ArgumentException">The schedules are nested too deeply, or there are too many of them.</exception>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public abstract LrSchedule Schedule { get; init; }

    /// <summary>The interval of the wrapped schedule. Setting it sets that interval.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The wrapped schedule does not support the value.</exception>
    /// <exception cref="NotSupportedException">The interval of the wrapped schedule follows from its parts.</exception>
    [JsonIgnore]
    public sealed override ScheduleInterval Interval
    {
        get => Schedule.Interval;
        init => Schedule = Schedule with { Interval = value };
    }

    /// <inheritdoc/>
    public sealed override LrSchedule WithInterval(ScheduleInterval interval) =>
        this with { Schedule = Schedule.WithInterval(interval) };

    internal sealed override IEnumerable<LrSchedule> Parts => [Schedule];

    internal sealed override int Depth => _depth;

    internal sealed override int Size => _size;

    internal sealed override bool TakesOverEnd => Schedule.TakesOverEnd;

    internal sealed override LrSchedule For(RunSpan run) =>
        Checked((SurroundingSchedule)base.For(run) with { Schedule = Schedule.For(run with { Taken = TakenAt(run) }) });

    internal sealed override LrSchedule Watching(Metric metric) => this with { Schedule = Schedule.Watching(metric) };

    internal override LrSchedule Foretold => this with { Schedule = Schedule.Foretold };

    /// <summary>Checks the wrapped schedule, and stores the depth and the size of this schedule.</summary>
    /// <exception cref="ArgumentException">The schedules are nested too deeply, or there are too many of them.</exception>
    private protected LrSchedule Within(LrSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        (_depth, _size) = CompositeSchedule.Measure([schedule]);
        return schedule;
    }

    /// <summary>
    /// The run of a schedule that wraps another one. The wrapped schedule runs on its own copy of the parameter groups, and
    /// <see cref="Make"/> computes the rates of this schedule from that copy.
    /// </summary>
    private protected abstract class SurroundingRun : ScheduleRun
    {
        private readonly ScheduleInterval _interval;
        private readonly ParameterGroups _own;
        private readonly ScheduleRun _run;

        protected SurroundingRun(SurroundingSchedule schedule, ParameterGroups groups)
            : base(schedule.GetType().Name)
        {
            _interval = schedule.Interval;
            _own = groups.Fresh(schedule.Schedule);
            // Some schedules, such as a plateau, continue from the current rates, not from the initial ones.
            groups.LearningRates.CopyTo(_own.LearningRates, 0);
            _run = schedule.Schedule.BeginAtStart(_own);
        }

        /// <summary>The number of steps that the wrapped schedule has taken.</summary>
        protected long StepCount { get; private set; }

        /// <summary>Computes the rates of this schedule.</summary>
        /// <param name="within">The rates of the wrapped schedule.</param>
        /// <param name="rates">The array to write the rates to.</param>
        protected abstract void Make(ReadOnlySpan<double> within, Span<double> rates);

        /// <summary>The current floor of the wrapped schedule: see <see cref="ScheduleRun.FloorOf"/>.</summary>
        protected double FloorWithin(int group) => _run.FloorOf(group, _own);

        /// <summary>Sets the rates and momenta of the groups.</summary>
        protected void Set(ParameterGroups groups)
        {
            _own.KeepInRange();
            Make(_own.LearningRates, groups.LearningRates);
            for (var group = 0; group < _own.Momenta.Length; group++) groups.Momenta[group] = _own.Momenta[group];
        }

        public sealed override void Step(in StepSignal signal, ParameterGroups groups)
        {
            _run.Step(signal, _own);
            if (signal.Concerns(_interval)) StepCount++;
            Set(groups);
        }

        public sealed override void Skip(long steps, ParameterGroups groups)
        {
            _run.Skip(steps, _own);
            StepCount += steps;
            Set(groups);
        }

        private protected sealed override ScheduleState SaveCore() =>
            new() { Step = StepCount, Values = [.. _own.LearningRates, .. _own.Momenta], Parts = [_run.Save()] };

        private protected sealed override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Parts: [var part] } || state.Values.Count != _own.LearningRates.Length + _own.Momenta.Length
                || state.Values.Any(value => !(value >= 0)))
                return false;
            _run.Restore(part);
            StepCount = state.Step;
            state.Values.AsSpan()[.._own.Count].CopyTo(_own.LearningRates);
            state.Values.AsSpan()[_own.Count..].CopyTo(_own.Momenta);
            return true;
        }
    }
}
