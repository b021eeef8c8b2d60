namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>What is to be reached, and whether it was.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Goal">What is to be reached.</param>
/// <param name="Measured">What was, or why nothing was measured.</param>
/// <param name="IsMet">Whether it was reached; null where nothing was measured.</param>
internal sealed record Target(string What, string Goal, string Measured, bool? IsMet)
{
    /// <summary>A number that is to be at least another.</summary>
    public static Target AtLeast(string what, double goal, Samples measured, string unit) =>
        new(what, $"≥ {Format.Goal(goal)}{unit}", $"{measured}", measured.Median >= goal);

    /// <summary>A number that is to be at most another.</summary>
    public static Target AtMost(string what, double goal, Samples measured, string unit) =>
        new(what, $"≤ {Format.Goal(goal)}{unit}", $"{measured}", measured.Median <= goal);

    /// <summary>A target that could not be measured.</summary>
    public static Target Missing(string what, string goal, string reason) => new(what, goal, $"not measured: {reason}", null);

    /// <summary>All of them, as a table.</summary>
    public static Table Table(IEnumerable<Target> targets)
    {
        var table = new Table("targets", "target", "goal", "measured (spread)", "met");
        foreach (var target in targets)
            table.Add(target.What, target.Goal, target.Measured, target.IsMet switch { true => "yes", false => "**no**", null => "" });
        return table;
    }
}
