using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Steps at which a schedule changes, in ascending order.</summary>
internal static class Milestones
{
    private const string Name = "milestones";

    /// <summary>Returns milestones that are at least 0 and in ascending order.</summary>
    public static ValueList<int> Checked(ValueList<int> milestones)
    {
        var last = 0;
        foreach (var milestone in milestones)
        {
            Argument.AtLeast(milestone, 0, Name);
            last = milestone >= last ? milestone : throw Argument.OutOfRange(Name, "in ascending order", $"{milestone} after {last}");
        }

        return milestones;
    }

    /// <summary>Whether a step is a milestone.</summary>
    public static bool Contains(long step, ValueList<int> milestones)
    {
        var passed = CountUpTo(step, milestones);
        return passed > 0 && milestones[passed - 1] == step;
    }

    /// <summary>How many milestones are at most <paramref name="step"/>.</summary>
    public static int CountUpTo(long step, ValueList<int> milestones)
    {
        var (low, high) = (0, milestones.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (milestones[middle] <= step) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
