using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Where a scheduler stands: a small value that goes to JSON and back with <c>System.Text.Json</c>, from which
/// <see cref="LrSchedule.Resume"/> goes on exactly.
/// </summary>
public sealed record LrSchedulerState
{
    private const double LastDigits = 1e-9;

    /// <summary>The steps taken so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long StepCount { get; init; }

    /// <summary>The rate each parameter group began with.</summary>
    public required ValueList<double> InitialLearningRates { get; init; }

    /// <summary>The rate each parameter group has now.</summary>
    public required ValueList<double> LearningRates { get; init; }

    /// <summary>The momentum of each parameter group now; empty where the schedule leaves it alone.</summary>
    public ValueList<double> Momenta { get; init; } = [];

    /// <summary>
    /// The schedule as text, as <see cref="LrSchedule.ToString"/> gives it, of more than 10,000 characters the beginning and a SHA-256;
    /// null where it is not known, which is then not compared: the kinds of schedules and the number of groups are all that is.
    /// </summary>
    public string? ScheduleText { get; init; }

    /// <summary>The schedule's own state.</summary>
    public required ScheduleState Schedule { get; init; }

    /// <summary>Whether nothing is missing, as in a record that a serializer has made of something else.</summary>
    internal bool IsWhole => Schedule is { IsWhole: true };

    /// <summary>Whether another state is the same but for the last digits, which another processor may have otherwise.</summary>
    internal bool IsNear(LrSchedulerState other)
    {
        var scale = InitialLearningRates.Max();
        return StepCount == other.StepCount && AreNear(LearningRates, other.LearningRates, scale)
            && AreNear(Momenta, other.Momenta, scale) && Schedule.IsNear(other.Schedule, scale);
    }

    /// <summary>Whether numbers are the same but for the last digits.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="others">The others.</param>
    /// <param name="scale">A number beside which smaller ones need not be exact.</param>
    internal static bool AreNear(IReadOnlyList<double> numbers, IReadOnlyList<double> others, double scale) =>
        numbers.Count == others.Count && numbers.Zip(others).All(pair => pair.First.Equals(pair.Second)
            || Math.Abs(pair.First - pair.Second) <= LastDigits * (Math.Max(Math.Abs(pair.First), Math.Abs(pair.Second)) + scale));
}

/// <summary>
/// The state of one schedule within a <see cref="LrSchedulerState"/>; schedules made of others hold the states of their parts. In JSON
/// it is a list, in which each state stands before those of its parts.
/// </summary>
[JsonConverter(typeof(ScheduleStateJsonConverter))]
public sealed record ScheduleState
{
    /// <summary>The kind of schedule.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The steps that this schedule has taken; 0 for one that leaves counting to its parts.</summary>
    public required long Step { get; init; }

    /// <summary>What else the schedule remembers, in an order of its own.</summary>
    public ValueList<double> Values { get; init; } = [];

    /// <summary>The states of the schedules this one is made of.</summary>
    public ValueList<ScheduleState> Parts { get; init; } = [];

    /// <summary>Whether nothing is missing.</summary>
    internal bool IsWhole => Kind is not null && Parts.All(part => part is { IsWhole: true });

    /// <inheritdoc cref="LrSchedulerState.IsNear"/>
    internal bool IsNear(ScheduleState other, double scale) =>
        (Kind, Step, Parts.Count) == (other.Kind, other.Step, other.Parts.Count) && LrSchedulerState.AreNear(Values, other.Values, scale)
            && Parts.Zip(other.Parts).All(pair => pair.First.IsNear(pair.Second, scale));
}
