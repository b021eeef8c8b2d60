using System.Globalization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule cannot give a rate: a function of the user's gave a factor that is negative, infinite or NaN, or threw. A trainer throws it
/// before training where it follows from the schedule and the length of the run, and during training where a delegate gave the factor or
/// threw, or a plateau refuses its metric; what was thrown is the inner exception.
/// </summary>
public sealed class ScheduleException : InvalidOperationException
{
    internal ScheduleException(LrSchedule schedule, string setting, ScheduleFunction function, double argument, double value)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{setting}{(function.Expression is { } expression ? $" \"{expression}\"" : "")} of {schedule.GetType().Name} gave {value} for "
            + $"{argument}. A {(schedule is CustomLR ? "rate" : "factor")} must be in [0, ∞)."))
    {
        (Schedule, Value) = (schedule, value);
    }

    internal ScheduleException(string name, LrSchedule schedule, int epochs, int epoch, int? minibatch, ScheduleException reason)
        : base($"{name} cannot hold for {epochs} epochs: in epoch {epoch}"
            + $"{(minibatch is null ? "" : $", minibatch {minibatch}")}, {reason.Message}", reason)
    {
        (Schedule, Epoch, Minibatch, Value) = (schedule, epoch, minibatch, reason.Value);
    }

    internal ScheduleException(string name, LrSchedule schedule, int epoch, int? minibatch, Exception reason)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{name} failed in epoch {epoch}{(minibatch is null ? "" : $", minibatch {minibatch}")}: {Told(reason)}"), reason)
    {
        (Schedule, Epoch, Minibatch) = (schedule, epoch, minibatch);
        Value = reason is ScheduleException { Value: var value } ? value : double.NaN;
    }

    /// <summary>The schedule: that of the options where a trainer throws it, else the part whose function it is.</summary>
    public LrSchedule Schedule { get; }

    /// <summary>The epoch of the training run whose rate was asked for, from 1; null where there is no run.</summary>
    public int? Epoch { get; }

    /// <summary>The minibatch of the epoch, from 1; null where the rate changes by the epoch, or there is no epoch.</summary>
    public int? Minibatch { get; }

    /// <summary>The factor; NaN where there is none, because the function threw.</summary>
    public double Value { get; }

    // Of ours the message says all; of others, such as those of a user's function, so does the name of the kind.
    private static string Told(Exception reason) =>
        reason is ArgumentException or InvalidOperationException ? reason.Message : $"{reason.GetType().Name}: {reason.Message}";
}
