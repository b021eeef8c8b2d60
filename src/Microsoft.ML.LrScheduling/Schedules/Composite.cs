namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>What schedules made of others have in common.</summary>
internal static class Composite
{
    /// <summary>How deep schedules may be nested.</summary>
    public const int MaximumDepth = 32;

    /// <summary>How many schedules one may be made of, all levels together.</summary>
    public const int MaximumSize = 1000;

    /// <summary>Returns parts of which there is at least one, none null, nested not too deep and not too many.</summary>
    public static ValueList<LrSchedule> Checked(ValueList<LrSchedule> parts)
    {
        if (parts.Count == 0) throw new ArgumentException("schedules must hold at least one schedule. Received: none", "schedules");
        foreach (var part in parts) ArgumentNullException.ThrowIfNull(part, "schedules");
        if (DepthOver(parts) > MaximumDepth)
            throw new ArgumentException($"schedules must be nested at most {MaximumDepth} deep. Received: {DepthOver(parts)}", "schedules");
        if (SizeOver(parts) > MaximumSize)
            throw new ArgumentException($"schedules must be at most {MaximumSize}, all levels together. Received: {SizeOver(parts)}", "schedules");
        return parts;
    }

    /// <summary>The depth of a schedule over some parts.</summary>
    public static int DepthOver(ValueList<LrSchedule> parts) => 1 + parts.Max(static part => part.Depth);

    /// <summary>The number of schedules in one over some parts, itself included.</summary>
    public static int SizeOver(ValueList<LrSchedule> parts) => (int)Math.Min(int.MaxValue, 1 + parts.Sum(static part => (long)part.Size));
}
