using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Where a scheduler stands: a small value that goes to JSON and back with <c>System.Text.Json</c>, from which
/// <see cref="LrSchedule.Resume"/> goes on exactly.
/// </summary>
public sealed record LrSchedulerState
{
    /// <summary>The steps taken so far.</summary>
    public required long StepCount { get; init; }

    /// <summary>The rate each parameter group began with.</summary>
    public required ImmutableArray<double> InitialLearningRates { get; init; }

    /// <summary>The rate each parameter group has now.</summary>
    public required ImmutableArray<double> LearningRates { get; init; }

    /// <summary>The momentum of each parameter group now; empty where the schedule leaves it alone.</summary>
    public ImmutableArray<double> Momenta { get; init; } = [];

    /// <summary>
    /// The schedule as text, as <see cref="LrSchedule.ToString"/> gives it, of more than 10,000 characters the beginning and a SHA-256;
    /// null where it is not known, which is then not compared.
    /// </summary>
    public string? ScheduleText { get; init; }

    /// <summary>The schedule's own state.</summary>
    public required ScheduleState Schedule { get; init; }

    /// <summary>Whether nothing is missing, as in a record that a serializer has made of something else.</summary>
    internal bool IsWhole =>
        !InitialLearningRates.IsDefault && !LearningRates.IsDefault && !Momenta.IsDefault && Schedule is { IsWhole: true };

    /// <summary>Whether both stand at the same place, with the same rates.</summary>
    /// <param name="other">The other state.</param>
    public bool Equals(LrSchedulerState? other) => other is not null
        && StepCount == other.StepCount
        && InitialLearningRates.AsSpan().SequenceEqual(other.InitialLearningRates.AsSpan())
        && LearningRates.AsSpan().SequenceEqual(other.LearningRates.AsSpan())
        && Momenta.AsSpan().SequenceEqual(other.Momenta.AsSpan())
        && ScheduleText == other.ScheduleText
        && Schedule == other.Schedule;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(StepCount, LearningRates.Length, Schedule);
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
    public ImmutableArray<double> Values { get; init; } = [];

    /// <summary>The states of the schedules this one is made of.</summary>
    public ImmutableArray<ScheduleState> Parts { get; init; } = [];

    /// <summary>Whether nothing is missing.</summary>
    internal bool IsWhole => Kind is not null && !Values.IsDefault && !Parts.IsDefault && Parts.All(part => part is { IsWhole: true });

    /// <summary>Whether both hold the same values.</summary>
    /// <param name="other">The other state.</param>
    public bool Equals(ScheduleState? other) => other is not null
        && Kind == other.Kind
        && Step == other.Step
        && Values.AsSpan().SequenceEqual(other.Values.AsSpan())
        && Parts.AsSpan().SequenceEqual(other.Parts.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Step, Values.Length, Parts.Length);
}
