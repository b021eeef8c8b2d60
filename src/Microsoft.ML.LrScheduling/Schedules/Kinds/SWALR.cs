using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Moves from the current rate to <see cref="SwaLr"/> and stays there. With <c>p = min(t, annealEpochs) / annealEpochs</c>, the rate is
/// <c>swaLr · α + start · (1 − α)</c>, where α is <c>(1 − cos(π · p)) / 2</c> for a cosine and p for a straight line.
/// </summary>
/// <remarks>
/// As a later part of a <see cref="SequentialLR"/>, the schedule starts from the final rate of the previous part; otherwise it starts from
/// the initial rate. It is meant for stochastic weight averaging (SWA), which averages the weights of the last epochs at a constant rate:
/// see <c>WeightAveraging</c>. Source: PyTorch's <c>torch.optim.swa_utils.SWALR</c>; Izmailov et al., "Averaging Weights Leads to Wider
/// Optima and Better Generalization", 2018.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.SWALR(swaLr: 0.5, annealEpochs: 4).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.927, 0.75, 0.573, 0.5, 0.5
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record SWALR : LrSchedule
{
    internal SWALR()
    {
    }

    /// <summary>The final rate, in [0, ∞): one value for all parameter groups, or one per group.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public required PerGroup<double> SwaLr { get; init => field = PerGroup.Checked(value, "swaLr", Argument.NonNegative); }

    /// <summary>The number of steps to the final rate, at least 0. With 0 the rate changes at once. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public RunLength AnnealEpochs { get; init => field = RunLength.AtLeast(value, 0, "annealEpochs"); } = 10;

    /// <summary>The shape of the change: half a cosine (the default) or a straight line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.AnnealStrategy"/>.</exception>
    public AnnealStrategy AnnealStrategy { get; init => field = Argument.Defined(value, "annealStrategy"); }

    internal override bool TakesOverEnd => true;

    internal override string? OwnRates => AnnealEpochs == 0 ? "swaLr of SWALR" : null;

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(SwaLr, "swaLr", groupCount);
        base.CheckStart(groupCount);
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private sealed class Run : ScheduleRun
    {
        private readonly SWALR _schedule;
        private readonly double[] _start;
        private long _step;

        public Run(SWALR schedule, ParameterGroups groups)
            : base(nameof(SWALR))
        {
            (_schedule, _start) = (schedule, [.. groups.LearningRates]);
            Set(groups);
        }

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (!signal.Concerns(_schedule.Interval)) return;
            _step++;
            Set(groups);
        }

        public override void Skip(long steps, ParameterGroups groups)
        {
            _step += steps;
            if (steps > 0) Set(groups);
        }

        private void Set(ParameterGroups groups)
        {
            var steps = _schedule.AnnealEpochs.Steps;
            var way = _step >= steps ? 1 : (double)_step / steps;
            var weight = _schedule.AnnealStrategy == AnnealStrategy.Cos ? Curves.Cosine(way) : Curves.Line(way);
            for (var group = 0; group < _start.Length; group++)
                groups.LearningRates[group] = Curves.Between(_start[group], _schedule.SwaLr.ForGroup(group), weight);
        }

        private protected override ScheduleState SaveCore() => new() { Step = _step, Values = [.. _start] };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Parts: [] }
                || state.Values.Count != _start.Length || state.Values.Any(rate => !(rate >= 0 && rate <= double.MaxValue)))
            {
                return false;
            }
            _step = state.Step;
            state.Values.AsSpan().CopyTo(_start);
            return true;
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that moves from the current rate to <paramref name="swaLr"/> and stays there. See <see cref="Schedules.SWALR"/>.
    /// </summary>
    /// <param name="swaLr">The final rate, in [0, ∞): one value for all parameter groups, or one per group.</param>
    /// <param name="annealEpochs">The number of steps to the final rate, at least 0. Default: 10.</param>
    /// <param name="annealStrategy">The shape of the change.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static SWALR SWALR(
        PerGroup<double> swaLr, RunLength? annealEpochs = null, AnnealStrategy annealStrategy = AnnealStrategy.Cos) =>
        new() { SwaLr = swaLr, AnnealEpochs = annealEpochs ?? 10, AnnealStrategy = annealStrategy };
}
