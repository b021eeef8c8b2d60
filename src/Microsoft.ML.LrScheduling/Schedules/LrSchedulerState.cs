using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The state of a scheduler: a small value from which <see cref="LrSchedule.Resume"/> continues exactly. You can write it to JSON and read
/// it back with <c>System.Text.Json</c>.
/// </summary>
public sealed record LrSchedulerState
{
    private const double LastDigits = 1e-9;

    /// <summary>The number of steps taken so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long StepCount { get; init; }

    /// <summary>The initial learning rate of each parameter group.</summary>
    public required ValueList<double> InitialLearningRates { get; init; }

    /// <summary>The current learning rate of each parameter group.</summary>
    public required ValueList<double> LearningRates { get; init; }

    /// <summary>The current momentum of each parameter group; empty if the schedule does not change the momentum.</summary>
    public ValueList<double> Momenta { get; init; } = [];

    /// <summary>
    /// The schedule as text, in the format of <see cref="LrSchedule.ToString"/>. For a text of more than 10,000 characters it is the
    /// beginning and a SHA-256 hash. If it is null, <see cref="LrSchedule.Resume"/> compares only the types of the schedules and the
    /// number of parameter groups.
    /// </summary>
    public string? ScheduleText { get; init; }

    /// <summary>The state of the schedule.</summary>
    public required ScheduleState Schedule { get; init; }

    /// <summary>Whether all required parts are there. A serializer can create a record without them.</summary>
    internal bool IsWhole => Schedule is { IsWhole: true };

    /// <summary>Whether another state is equal except for rounding, which can differ between processors.</summary>
    internal bool IsNear(LrSchedulerState other)
    {
        var scale = InitialLearningRates.Max();
        return StepCount == other.StepCount && AreNear(LearningRates, other.LearningRates, scale)
            && AreNear(Momenta, other.Momenta, scale) && Schedule.IsNear(other.Schedule, scale);
    }

    /// <summary>Whether numbers are equal except for rounding.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="others">The others.</param>
    /// <param name="scale">The size of typical values: the tolerance is 1e-9 of this plus the larger number.</param>
    internal static bool AreNear(IReadOnlyList<double> numbers, IReadOnlyList<double> others, double scale) =>
        numbers.Count == others.Count && numbers.Zip(others).All(pair => pair.First.Equals(pair.Second)
            || Math.Abs(pair.First - pair.Second) <= LastDigits * (Math.Max(Math.Abs(pair.First), Math.Abs(pair.Second)) + scale));
}

/// <summary>
/// The state of one schedule within a <see cref="LrSchedulerState"/>. The state of a composite schedule contains the states of its parts.
/// In JSON it is a list in which each state comes before the states of its parts.
/// </summary>
[JsonConverter(typeof(ScheduleStateJsonConverter))]
public sealed record ScheduleState
{
    /// <summary>The type of the schedule.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The number of steps that this schedule has taken; 0 if only its parts count steps.</summary>
    public required long Step { get; init; }

    /// <summary>The other values of the state. Their order depends on the type of the schedule.</summary>
    public ValueList<double> Values { get; init; } = [];

    /// <summary>The states of the parts of the schedule.</summary>
    public ValueList<ScheduleState> Parts { get; init; } = [];

    /// <summary>Whether all required parts are there.</summary>
    internal bool IsWhole => Kind is not null && Parts.All(part => part is { IsWhole: true });

    /// <inheritdoc cref="LrSchedulerState.IsNear"/>
    internal bool IsNear(ScheduleState other, double scale) =>
        (Kind, Step, Parts.Count) == (other.Kind, other.Step, other.Parts.Count) && LrSchedulerState.AreNear(Values, other.Values, scale)
            && Parts.Zip(other.Parts).All(pair => pair.First.IsNear(pair.Second, scale));
}
