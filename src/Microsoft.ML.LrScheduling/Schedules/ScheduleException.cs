using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The exception for a schedule that cannot compute a rate, because one of its functions returned a factor that is negative, infinite or
/// NaN, or an infinite state, or threw an exception. A trainer throws it before training if the fault follows from the schedule and the
/// length of the run. It throws it during training if a delegate is at fault, or if a schedule rejects the value of its metric. If a
/// function threw, its exception is the inner exception.
/// </summary>
public sealed class ScheduleException : InvalidOperationException
{
    internal ScheduleException(LrSchedule schedule, string setting, ScheduleFunction function, double argument, double value)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{setting}{(function.Expression is { } expression ? $" \"{expression}\"" : "")} of {schedule.GetType().Name} returned {value} "
            + $"for {argument}. {Range(schedule, setting)}"))
    {
        (Schedule, Value) = (schedule, value);
    }

    internal ScheduleException(string name, LrSchedule schedule, int epochs, int epoch, int? minibatch, ScheduleException reason)
        : base($"{name} is not valid for {Quantity.Of(epochs, "epoch")}: in epoch {epoch}"
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

    /// <summary>
    /// The schedule. If a trainer throws the exception, it is the schedule of the options; otherwise it is the part with the function.
    /// </summary>
    public LrSchedule Schedule { get; }

    /// <summary>The epoch of the training run whose rate was computed, from 1; null if there is no run.</summary>
    public int? Epoch { get; }

    /// <summary>The minibatch of the epoch, from 1; null if the schedule steps once per epoch, or if there is no run.</summary>
    public int? Minibatch { get; }

    /// <summary>The factor; NaN if there is none because the function threw an exception.</summary>
    public double Value { get; }

    private static string Range(LrSchedule schedule, string setting) =>
        schedule is not CustomLR ? "A factor must be in [0, ∞)."
        : setting == "state" ? "A number of the state must not become infinite." : "A rate must be in [0, ∞).";

    // These two types are the project's own errors, whose message is enough. For others, such as errors in a user's function, the type
    // helps.
    private static string Told(Exception reason) =>
        reason is ArgumentException or InvalidOperationException ? reason.Message : $"{reason.GetType().Name}: {reason.Message}";
}
