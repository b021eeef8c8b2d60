using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Runs several schedules at the same time and multiplies their factors: <c>rate(t) = initial · ∏ (rateᵢ(t) / initial)</c>, where
/// <c>rateᵢ</c> is the rate of schedule i alone.
/// </summary>
/// <remarks>
/// <para>
/// The <c>minLr</c> of a <see cref="ReduceLROnPlateau"/> or a <see cref="FloorLR"/> in a part is a minimum of the resulting rate: while
/// that part is active, <c>rate(t) = max(minLr, product)</c>. A plateau whose initial rate is below its minLr has no minimum.
/// </para>
/// <para>
/// If several parts cycle the momentum, the last one sets it. Each part steps at its own interval. Source: PyTorch's
/// <c>torch.optim.lr_scheduler.ChainedScheduler</c>, which gives the same rates if all parts multiply the rate. There are two differences.
/// In PyTorch, a part that sets the rate directly (a lambda, the minimum of a cosine, a cycle) overrides the parts before it. And in
/// PyTorch, the <c>min_lr</c> of a plateau limits the rate only at the moment of a reduction; other parts can lower the rate further.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.ChainedScheduler([LrSchedule.LinearLR(0.5, totalIters: 2), LrSchedule.ExponentialLR(0.5)]);
/// var rates = schedule.Preview(epochs: 4, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.5, 0.375, 0.25, 0.125
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record ChainedScheduler : CompositeSchedule
{
    internal ChainedScheduler()
    {
    }

    /// <summary>Follows from the parts: each minibatch if a part steps after each minibatch, otherwise each epoch.</summary>
    /// <exception cref="NotSupportedException">The property is set. Set the intervals of the parts instead.</exception>
    [JsonIgnore]
    public override ScheduleInterval Interval
    {
        get => StepsByBatch ? ScheduleInterval.Batch : ScheduleInterval.Epoch;
        init => throw new NotSupportedException("interval of ChainedScheduler follows from its parts: set theirs instead.");
    }

    /// <inheritdoc/>
    public override LrSchedule WithInterval(ScheduleInterval interval) =>
        this with { Schedules = [.. Schedules.Select(part => part.WithInterval(interval))] };

    internal override bool StepsByBatch => Schedules.Any(static part => part.StepsByBatch);

    internal override LrSchedule For(RunSpan run) =>
        this with { Schedules = [.. Schedules.Select(part => part.For(run with { Taken = TakenAt(run) }))] };

    internal override double InitialMomentum(int group) => Schedules.Last(static part => part.CyclesMomentum).InitialMomentum(group);

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private sealed class Run : ScheduleRun
    {
        private readonly (ScheduleRun Run, ParameterGroups Groups)[] _parts;
        private readonly bool _hasFloor;

        public Run(ChainedScheduler schedule, ParameterGroups groups)
            : base(nameof(ChainedScheduler))
        {
            _hasFloor = schedule.HasFloor;
            _parts = [.. schedule.Schedules.Select(part =>
            {
                var own = groups.Fresh(part);
                return (part.BeginAtStart(own), own);
            })];
            Combine(groups);
        }

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            foreach (var (run, own) in _parts)
            {
                run.Step(signal, own);
                own.KeepInRange();
            }

            Combine(groups);
        }

        public override void Skip(long steps, ParameterGroups groups)
        {
            foreach (var (run, own) in _parts)
            {
                run.Skip(steps, own);
                own.KeepInRange();
            }

            Combine(groups);
        }

        public override double FloorOf(int group, ParameterGroups groups)
        {
            var floor = 0.0;
            foreach (var (run, own) in _parts) floor = Math.Max(floor, run.FloorOf(group, own));
            return floor;
        }

        private protected override ScheduleState SaveCore() => new()
        {
            Step = 0,
            // Only this run has the rates of its parts, so its state contains them: for each part the rates of its groups, then their
            // momenta.
            Values = [.. _parts.SelectMany(part => part.Groups.LearningRates.Concat(part.Groups.Momenta))],
            Parts = [.. _parts.Select(part => part.Run.Save())],
        };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state.Parts.Count != _parts.Length
                || state.Values.Count != _parts.Sum(part => part.Groups.Count + part.Groups.Momenta.Length)
                || state.Values.Any(value => !(value >= 0)))
                return false;
            var values = state.Values.AsSpan();
            foreach (var ((run, own), saved) in _parts.Zip(state.Parts))
            {
                run.Restore(saved);
                values[..own.Count].CopyTo(own.LearningRates);
                values[own.Count..][..own.Momenta.Length].CopyTo(own.Momenta);
                values = values[(own.Count + own.Momenta.Length)..];
            }

            return true;
        }

        private void Combine(ParameterGroups groups)
        {
            for (var group = 0; group < groups.Count; group++)
            {
                var initial = groups.InitialLearningRates[group];
                var rate = initial;
                // The ratio is limited, because a part that overflows to ∞ must not turn the 0 of another part into NaN (0 · ∞).
                // A group with the initial rate 0 has no ratio, so its rate stays 0.
                foreach (var (_, own) in initial > 0 ? _parts : [])
                    rate = Math.Min(rate * Math.Min(own.LearningRates[group] / initial, double.MaxValue), double.MaxValue);
                groups.LearningRates[group] = _hasFloor ? Math.Max(rate, FloorOf(group, groups)) : rate;
            }

            foreach (var (_, own) in _parts) own.Momenta.CopyTo(groups.Momenta);
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that multiplies the factors of several schedules. See <see cref="Schedules.ChainedScheduler"/>.
    /// </summary>
    /// <param name="schedules">The schedules, at least one.</param>
    /// <exception cref="ArgumentException">The list is empty, or a schedule is null.</exception>
    public static ChainedScheduler ChainedScheduler(ValueList<LrSchedule> schedules) => new() { Schedules = schedules };
}
