using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A custom schedule. At each step the function <see cref="Rate"/> computes the new rate and the functions <see cref="State"/> compute the
/// new state, from the step, the epoch, the metric, the current rate and the current state. The state is saved with the scheduler.
/// </summary>
/// <remarks>
/// In expressions <c>x</c> is the step, <c>epoch</c> the number of epochs that have ended since the schedule started (as a later part of a
/// <see cref="SequentialLR"/>: since that part started), <c>metric</c> the metric, <c>rate</c> the rate of the parameter group,
/// <c>initial</c> its initial rate, and <c>s0</c>, <c>s1</c> … the state. All functions see the values from before the step, except for
/// the metric, so that the new state does not depend on the order of the functions. As a later part of a <see cref="SequentialLR"/>, the
/// schedule continues from the final rate of the previous part.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.CustomLR(
///     rate: "metric &lt; s0 ? rate : rate / 2", state: ["metric &lt; s0 ? metric : s0"], initialState: [1e300]);
/// var rates = schedule.Preview(epochs: 4, stepsPerEpoch: 1, [1.0], metrics: [3, 2, 2, 2]).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 1, 0.5
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record CustomLR : LrSchedule
{
    internal CustomLR()
    {
    }

    /// <summary>
    /// The function that returns the rate of a parameter group after the step, in [0, ∞). It is called once per step and group.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required ScheduleFunction Rate { get; init => field = NotNull(value, "rate"); }

    /// <summary>
    /// The functions that return the state after the step, one for each number of the state. A number that becomes infinite, although the
    /// metric and the state before it are not, is an error; NaN is not. Default: none.
    /// </summary>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public ValueList<ScheduleFunction> State { get; init => field = CheckedState(value); } = [];

    /// <summary>The state before the first step: as many finite numbers as <see cref="State"/> has functions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is NaN or infinite.</exception>
    public ValueList<double> InitialState
    {
        get;
        init => field = [.. value.Select(static number => Argument.Finite(number, "initialState"))];
    } = [];

    /// <summary>
    /// The metric to watch; null (the default) for the MonitoredMetric of the trainer's options, or for the metric that you pass to each
    /// step.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Metric"/>.</exception>
    public Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, "metric") : null; }

    /// <summary>
    /// Whether the schedule needs a metric: true if an expression contains <c>metric</c>, or if a function is a delegate.
    /// </summary>
    public override bool NeedsMetric => Rate.NeedsMetric || State.Any(static function => function.NeedsMetric);

    internal override IEnumerable<(LrSchedule Watcher, Metric? Metric)> WatchedMetrics => NeedsMetric ? [(this, Metric)] : [];

    internal override LrSchedule Watching(Metric metric) => Metric is null && NeedsMetric ? this with { Metric = metric } : this;

    internal override bool MayFail => true;

    internal override bool TakesOverEnd => true;

    internal override bool WalksStepByStep => true;

    internal override LrSchedule For(RunSpan run) => this with
    {
        Rate = FunctionFor(Rate, run),
        State = [.. State.Select(function => FunctionFor(function, run))],
    };

    // A rate that depends on a metric is not known before training. In a forecast it stays constant.
    internal override LrSchedule Foretold => NeedsMetric ? this with { Rate = "rate", State = [], InitialState = [] } : this;

    internal override void CheckSettings()
    {
        ScheduleLimits.Check(State.Prepend(Rate));
        if (InitialState.Count != State.Count)
            throw Argument.Invalid("initialState", $"hold as many numbers as state has functions ({State.Count})", InitialState.Count);
        foreach (var (function, name) in State.Select(static function => (function, "state")).Prepend((Rate, "rate")))
            if (function.StateLength > State.Count)
                throw Argument.Invalid(
                    name, State.Count switch
                    {
                        0 => "not name s0, since there is no state",
                        1 => "name s0 of the state alone",
                        var count => $"name s0 to s{count - 1} of the state alone",
                    },
                    function);
    }

    internal override void CheckStart(int groupCount)
    {
        Rate.CheckHasRun(this, "rate");
        foreach (var function in State) function.CheckHasRun(this, "state");
        base.CheckStart(groupCount);
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private static ScheduleFunction NotNull(ScheduleFunction value, string name) => value ?? throw new ArgumentNullException(name);

    private static ValueList<ScheduleFunction> CheckedState(ValueList<ScheduleFunction> state)
    {
        foreach (var function in state) NotNull(function, "state");
        return state;
    }

    private sealed class Run : ScheduleRun
    {
        private readonly CustomLR _schedule;
        private readonly LrStep _step;
        private readonly bool _needsMetric;
        private readonly double[] _state, _newState, _newRates;

        public Run(CustomLR schedule, ParameterGroups groups)
            : base(nameof(CustomLR))
        {
            (_schedule, _needsMetric, _state) = (schedule, schedule.NeedsMetric, [.. schedule.InitialState]);
            (_newState, _newRates) = (new double[_state.Length], new double[groups.Count]);
            _step = new LrStep(groups, _state);
        }

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (_needsMetric && signal.Concerns(ScheduleInterval.Epoch))
                _step.Metric = MetricOf(signal) ?? throw new InvalidOperationException(
                    $"CustomLR watches {_schedule.Metric ?? Schedules.Metric.ValidationLoss}, which was not measured.");
            if (signal.Ended == ScheduleInterval.Epoch || (signal.Ended is null && _schedule.Interval == ScheduleInterval.Epoch))
                // RestoreCore rejects a larger number of epochs.
                _step.Epoch = Math.Min(_step.Epoch + 1, MaximumSteps);
            if (!signal.Concerns(_schedule.Interval)) return;
            _step.Step++;
            Take(groups);
        }

        private double? MetricOf(in StepSignal signal) =>
            signal.Metric ?? signal.Metrics?.Invoke(_schedule.Metric ?? Schedules.Metric.ValidationLoss);

        private void Take(ParameterGroups groups)
        {
            for (var group = 0; group < _newRates.Length; group++)
            {
                _step.LookAt(groups, group);
                var rate = _schedule.Rate.At(_step);
                if (rate is not (>= 0 and <= double.MaxValue))
                    throw new ScheduleException(_schedule, "rate", _schedule.Rate, _step.Step, rate);
                _newRates[group] = rate;
            }

            _step.LookAt(groups, group: 0);
            for (var i = 0; i < _newState.Length; i++)
            {
                _newState[i] = _schedule.State[i].At(_step);
                // One that the metric is, it may keep.
                if (double.IsInfinity(_newState[i]) && !double.IsInfinity(_step.Metric) && !_state.Any(double.IsInfinity))
                    throw new ScheduleException(_schedule, "state", _schedule.State[i], _step.Step, _newState[i]);
            }

            _newRates.CopyTo(groups.LearningRates, 0);
            _newState.CopyTo(_state, 0);
        }

        private protected override ScheduleState SaveCore() =>
            new() { Step = _step.Step, Values = [_step.Epoch, _step.Metric, .. _state] };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Values: [>= 0 and <= MaximumSteps and var epoch, var metric, .. var own], Parts: [] }
                || own.Count != _state.Length || !double.IsInteger(epoch))
                return false;
            (_step.Step, _step.Epoch, _step.Metric) = (state.Step, (long)epoch, metric);
            own.AsSpan().CopyTo(_state);
            return true;
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a custom schedule from expressions. See <see cref="Schedules.CustomLR"/>.</summary>
    /// <param name="rate">The function that returns the rate of a parameter group after the step, in [0, ∞).</param>
    /// <param name="state">The functions that return the state after the step, one for each number of the state. Default: none.</param>
    /// <param name="initialState">The state before the first step: as many numbers as <paramref name="state"/> has functions.</param>
    /// <param name="metric">The metric to watch; null for the MonitoredMetric of the trainer's options.</param>
    /// <exception cref="ArgumentException">
    /// initialState and state have different lengths, or a function uses a number of the state that does not exist.
    /// </exception>
    /// <exception cref="FormatException">An expression is not valid. The message contains the position.</exception>
    public static CustomLR CustomLR(string rate, string[]? state = null, double[]? initialState = null, Metric? metric = null) =>
        Custom(Read(rate, nameof(rate)), [.. (state ?? []).Select(own => Read(own, nameof(state)))], initialState, metric);

    /// <summary>Creates a custom schedule from delegates. See <see cref="Schedules.CustomLR"/>.</summary>
    /// <param name="rate">The function that returns the rate of a parameter group after the step, in [0, ∞).</param>
    /// <param name="state">The functions that return the state after the step, one for each number of the state. Default: none.</param>
    /// <param name="initialState">The state before the first step: as many numbers as <paramref name="state"/> has functions.</param>
    /// <param name="metric">The metric to watch; null for the MonitoredMetric of the trainer's options.</param>
    /// <exception cref="ArgumentException">initialState and state have different lengths.</exception>
    public static CustomLR CustomLR(
        Func<LrStep, double> rate, Func<LrStep, double>[]? state = null, double[]? initialState = null, Metric? metric = null) =>
        Custom(ScheduleFunction.Of(rate), [.. (state ?? []).Select(ScheduleFunction.Of)], initialState, metric);

    private static CustomLR Custom(
        ScheduleFunction rate, ValueList<ScheduleFunction> state, double[]? initialState, Metric? metric) =>
        Checked(new CustomLR { Rate = rate, State = state, InitialState = initialState ?? [], Metric = metric });

    private static ScheduleFunction Read(string expression, string name)
    {
        ArgumentNullException.ThrowIfNull(expression, name);
        return ScheduleFunction.Parse(expression, CultureInfo.InvariantCulture);
    }
}
