using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule that combines other schedules of any type. Limits: schedules can be nested 32 levels deep; in total there can be 1,000
/// schedules and 2,000 functions, and the expressions of the functions can have 100,000 characters.
/// </summary>
public abstract record CompositeSchedule : LrSchedule
{
    internal const int MaximumDepth = 32;
    internal const int MaximumSize = 1000;

    // Stored, because computing them at each level again would take time quadratic in the depth.
    private readonly int _depth;
    private readonly int _size;

    private protected CompositeSchedule()
    {
    }

    /// <summary>The parts of the schedule, at least one.</summary>
    /// <exception cref="ArgumentException">
    /// The list is empty, a schedule is null, the schedules are nested too deeply, or there are too many of them.
    /// </exception>
    public required ValueList<LrSchedule> Schedules
    {
        get;
        init
        {
            if (value.Count == 0) throw Argument.Invalid("schedules", "hold at least one schedule", "none");
            foreach (var part in value) ArgumentNullException.ThrowIfNull(part, "schedules");
            (field, (_depth, _size)) = (value, Measure(value));
        }
    }

    internal sealed override IEnumerable<LrSchedule> Parts => Schedules;

    internal sealed override int Depth => _depth;

    internal sealed override int Size => _size;

    internal sealed override LrSchedule Watching(Metric metric) =>
        this with { Schedules = [.. Schedules.Select(part => part.Watching(metric))] };

    internal sealed override LrSchedule Foretold => this with { Schedules = [.. Schedules.Select(part => part.Foretold)] };

    /// <summary>Returns the depth and the size of a schedule with these parts.</summary>
    /// <exception cref="ArgumentException">The schedule would be larger or deeper than the limits.</exception>
    internal static (int Depth, int Size) Measure(IReadOnlyCollection<LrSchedule> parts)
    {
        var (depth, size) = (1 + parts.Max(static part => part.Depth), 1 + parts.Sum(static part => (long)part.Size));
        if (depth > MaximumDepth) throw Argument.Invalid("schedules", $"be nested at most {MaximumDepth} deep", depth);
        if (size > MaximumSize) throw Argument.Invalid("schedules", $"be at most {MaximumSize}, all levels together", size);
        ScheduleLimits.Check(parts.SelectMany(ScheduleKind.FunctionsOf));
        return (depth, (int)size);
    }
}
