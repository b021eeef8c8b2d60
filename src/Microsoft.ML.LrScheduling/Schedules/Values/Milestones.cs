using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Steps at which a schedule changes, in ascending order.</summary>
internal static class Milestones
{
    private const string Name = "milestones";

    /// <summary>Returns the milestones after checking that they are at least 0 and in ascending order.</summary>
    public static ValueList<RunLength> Checked(ValueList<RunLength> milestones)
    {
        // Steps and fractions of a run are compared once fractions are steps.
        RunLength last = 0, lastFraction = double.Epsilon;
        foreach (var milestone in milestones)
        {
            RunLength.AtLeast(milestone, 0, Name);
            ref var before = ref lastFraction;
            if (milestone.Fraction is null) before = ref last;
            if (milestone.Fraction is { } fraction ? fraction < lastFraction.Fraction : milestone.Steps < last.Steps)
                throw Argument.OutOfRange(Name, "in ascending order", $"{milestone} after {before}");
            before = milestone;
        }

        return milestones;
    }

    /// <summary>Whether a step is a milestone.</summary>
    public static bool Contains(long step, ValueList<RunLength> milestones)
    {
        var passed = CountUpTo(step, milestones);
        return passed > 0 && milestones[passed - 1].Steps == step;
    }

    /// <summary>The number of milestones that are at most <paramref name="step"/>.</summary>
    public static int CountUpTo(long step, ValueList<RunLength> milestones)
    {
        var (low, high) = (0, milestones.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (milestones[middle].Steps <= step) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
