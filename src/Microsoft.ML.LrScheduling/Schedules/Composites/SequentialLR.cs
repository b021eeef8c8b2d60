using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Runs several schedules one after another. The first schedule runs until the first milestone, the second until the second milestone, and
/// so on. Each schedule starts at its own step 0, from the initial rates.
/// </summary>
/// <remarks>
/// The active schedule is number <c>(number of milestones ≤ t)</c>, from 0. A milestone of 0, or one that is given twice, skips a
/// schedule. Milestones count the steps of the <see cref="LrSchedule.Interval"/> of this schedule; each part steps at its own interval.
/// Only the active part receives the metric. <see cref="ReduceLROnPlateau"/>, <see cref="GreedyLR"/>, <see cref="CustomLR"/> and
/// <see cref="SWALR"/> continue from the final rate of the previous part. <see cref="MultiplicativeLR"/> continues from the rate of the
/// previous part one step before its end, as in PyTorch 1.13. If a part that steps by epoch starts at the end of an epoch, it takes its
/// first step after the next epoch. Source: PyTorch's <c>torch.optim.lr_scheduler.SequentialLR</c>, whose parts can be neither composite
/// schedules nor plateaus.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.SequentialLR([LrSchedule.LinearLR(0.25, totalIters: 3), LrSchedule.ExponentialLR(0.5)], milestones: [3]);
/// var rates = schedule.Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.25, 0.5, 0.75, 1, 0.5, 0.25
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record SequentialLR : CompositeSchedule
{
    internal SequentialLR()
    {
    }

    /// <summary>
    /// The steps at which the next schedule starts, each at least 0, in ascending order. There is one fewer milestone than schedules.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A milestone is negative, or less than the one before it.</exception>
    public required ValueList<RunLength> Milestones { get; init => field = LrScheduling.Schedules.Milestones.Checked(value); }

    /// <inheritdoc/>
    public override LrSchedule WithInterval(ScheduleInterval interval) =>
        this with { Interval = interval, Schedules = [.. Schedules.Select(part => part.WithInterval(interval))] };

    internal override LrSchedule For(RunSpan run)
    {
        CheckSettings();
        var schedule = (SequentialLR)base.For(run);
        return schedule with { Schedules = [.. Schedules.Select((part, i) => part.For(schedule.RunOf(i, run)))] };
    }

    internal override double InitialMomentum(int group)
    {
        // The momentum before any part sets it: the initial one of the next part that cycles it, otherwise of the first part that does.
        var cycling = Schedules.Skip(ActiveAt(0)).FirstOrDefault(static part => part.CyclesMomentum)
            ?? Schedules.First(static part => part.CyclesMomentum);
        return cycling.InitialMomentum(group);
    }

    // What goes on from the rates before it takes no initial rate.
    internal override string? OwnRates
    {
        get
        {
            var first = Milestones.TakeWhile(static milestone => milestone.Count == 0).Count();
            return OwnRatesOf(Schedules.Skip(first).Where((part, i) => i == 0 || !part.TakesOverEnd));
        }
    }

    internal override bool TakesOverEnd => Schedules[ActiveAt(0)].TakesOverEnd;

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private int ActiveAt(long step) => LrScheduling.Schedules.Milestones.CountUpTo(step, Milestones);

    private RunSpan RunOf(int part, RunSpan run)
    {
        long start = part == 0 ? 0 : Milestones[part - 1].Steps, taken = TakenAt(run);
        var before = Math.Max(0, start - taken);
        var rest = run.After(before, Interval) with { Taken = Math.Max(0, taken - start) };
        return part == Milestones.Count ? rest : rest.First(Math.Max(0, Milestones[part].Steps - taken) - before, Interval);
    }

    internal override void CheckSettings()
    {
        if (Milestones.Count != Schedules.Count - 1)
            throw new ArgumentException(
                $"milestones must hold one step fewer than there are schedules ({Schedules.Count - 1}). Received: {Milestones.Count}",
                "milestones");
    }

    private sealed class Run : ScheduleRun
    {
        private readonly SequentialLR _schedule;
        private readonly ParameterGroups _groups;
        private long _step;
        private int _active;
        private ScheduleRun _part;

        // Whether the active part started at the end of a minibatch and has taken no step since. The epoch that ends next is then not its
        // own.
        private bool _hasSeenNothing;

        public Run(SequentialLR schedule, ParameterGroups groups)
            : base(nameof(SequentialLR))
        {
            (_schedule, _groups) = (schedule, groups);
            _active = schedule.ActiveAt(0);
            _part = schedule.Schedules[_active].BeginAtStart(groups);
        }

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (signal.Concerns(_schedule.Interval)) _step++;
            var active = _schedule.ActiveAt(_step);
            if (active == _active)
            {
                if (signal.Ended == ScheduleInterval.Epoch && _hasSeenNothing) return;
                _hasSeenNothing = false;
                _part.Step(signal, groups);
                return;
            }

            var next = _schedule.Schedules[active];
            if (next.TakesOverEnd)
            {
                _part.Step(signal, groups);
                groups.KeepInRange();
            }
            (_active, _part) = (active, next.BeginAtStart(groups));
            _hasSeenNothing = signal.Ended == ScheduleInterval.Batch;
        }

        public override void Skip(long steps, ParameterGroups groups)
        {
            while (steps > 0)
            {
                // The steps until the active part ends. The step after them switches to the next part.
                var left = _active < _schedule.Milestones.Count ? _schedule.Milestones[_active].Steps - _step - 1 : steps;
                var here = Math.Min(steps, left);
                _part.Skip(here, groups);
                groups.KeepInRange();
                (_step, steps) = (_step + here, steps - here);
                if (here > 0) _hasSeenNothing = false;
                if (steps == 0) return;
                Step(new StepSignal(Ended: null), groups);
                groups.KeepInRange();
                steps--;
            }
        }

        public override double FloorOf(int group, ParameterGroups groups) => _part.FloorOf(group, groups);

        private protected override ScheduleState SaveCore() => new()
        {
            Step = _step,
            Values = [_hasSeenNothing ? 1 : 0],
            Parts = [_part.Save()],
        };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Values: [0 or 1], Parts: [var part] }) return false;
            (_step, _hasSeenNothing) = (state.Step, state.Values[0] == 1);
            _active = _schedule.ActiveAt(_step);
            _part = _schedule.Schedules[_active].BeginAtStart(_groups);
            _part.Restore(part);
            return true;
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that runs several schedules one after another. See <see cref="Schedules.SequentialLR"/>.</summary>
    /// <param name="schedules">The schedules in order, at least one.</param>
    /// <param name="milestones">
    /// The steps at which the next schedule starts, in ascending order. There is one fewer milestone than schedules.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There is no schedule, or the number of milestones is not one less than the number of schedules.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A milestone is negative, or less than the one before it.</exception>
    public static SequentialLR SequentialLR(ValueList<LrSchedule> schedules, ValueList<RunLength> milestones) =>
        Checked(new SequentialLR { Schedules = schedules, Milestones = milestones });

    /// <summary>
    /// Returns this schedule with a warmup before it. The rate rises linearly from <c>initial · startFactor</c> to <c>initial</c>; then
    /// this schedule starts. (A <see cref="Schedules.MultiplicativeLR"/> continues from one step before the end of the warmup: see
    /// <see cref="Schedules.SequentialLR"/>.)
    /// </summary>
    /// <param name="steps">The number of steps of the warmup, at least 1, or a fraction of the run.</param>
    /// <param name="startFactor">The factor before the first step, in [0, 1].</param>
    /// <param name="interval">When the warmup takes a step; null for the interval of this schedule.</param>
    /// <returns>A <see cref="Schedules.SequentialLR"/> of a <see cref="Schedules.LinearLR"/> and this schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public SequentialLR WithWarmup(RunLength steps, double startFactor = 0.01, ScheduleInterval? interval = null)
    {
        RunLength.AtLeast(steps, 1, nameof(steps));
        var unit = interval ?? Interval;
        var warmup = LinearLR(startFactor, totalIters: steps.Fraction is null ? steps : 1.0) with { Interval = unit };
        return SequentialLR([warmup, this], milestones: [steps]) with { Interval = unit };
    }
}
