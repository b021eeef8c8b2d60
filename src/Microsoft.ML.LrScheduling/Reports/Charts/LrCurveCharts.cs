using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Draws the learning rates of a schedule.</summary>
/// <example>
/// <code>
/// var curve = LrSchedule.OneCycleLR(maxLr: 0.1).Preview(epochs: 20, stepsPerEpoch: 100, 0.1);
/// Console.WriteLine(curve.ToText(width: 60, height: 8));
/// File.WriteAllText("one-cycle.svg", curve.ToSvg());
/// </code>
/// </example>
public static class LrCurveCharts
{
    /// <summary>Returns the learning rate of a parameter group by epoch as a text chart.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="width">The width of the plot in characters, at least 2, without the labels of the vertical axis.</param>
    /// <param name="height">The height of the plot in lines, at least 2. Three more lines describe the axes.</param>
    /// <param name="logarithmic">Whether the vertical axis is logarithmic. A rate of zero then leaves a gap.</param>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width or the height is less than 2, or the group does not exist.</exception>
    public static string ToText(this LrCurve curve, int width = 40, int height = 6, bool logarithmic = false, int group = 0)
    {
        ArgumentNullException.ThrowIfNull(curve);
        return TextChart.Draw(
            curve.Rates(group), width, height, logarithmic, xLabel: "epoch", xEnd: curve.Epochs, yLabel: "learning rate");
    }

    /// <summary>Returns the learning rates of all parameter groups as an SVG image.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="title">The title of the chart; null for the schedule as text.</param>
    /// <param name="logarithmic">Whether the vertical axis is logarithmic. A rate of zero then leaves a gap.</param>
    /// <param name="groupNames">A name for each parameter group; null for their numbers.</param>
    /// <exception cref="ArgumentException">The number of names differs from the number of groups.</exception>
    public static string ToSvg(
        this LrCurve curve, string? title = null, bool logarithmic = false, IReadOnlyList<string>? groupNames = null) =>
        curve.ToChart(title, logarithmic, groupNames).ToSvg();

    /// <summary>Returns the learning rates of all parameter groups as a chart.</summary>
    /// <inheritdoc cref="ToSvg"/>
    public static SvgChart ToChart(
        this LrCurve curve, string? title = null, bool logarithmic = false, IReadOnlyList<string>? groupNames = null)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var label = logarithmic ? "learning rate (logarithmic)" : "learning rate";
        return Chart(curve, title, label, groupNames, curve.Rates) with { Logarithmic = logarithmic };
    }

    /// <summary>
    /// Returns the momenta of all parameter groups as a chart. The chart has no curves if the schedule does not change the momentum.
    /// </summary>
    /// <param name="curve">The curve.</param>
    /// <param name="title">The title of the chart; null for the schedule as text.</param>
    /// <param name="groupNames">A name for each parameter group; null for their numbers.</param>
    /// <exception cref="ArgumentException">The number of names differs from the number of groups.</exception>
    public static SvgChart ToMomentumChart(this LrCurve curve, string? title = null, IReadOnlyList<string>? groupNames = null)
    {
        ArgumentNullException.ThrowIfNull(curve);
        return Chart(curve, title, "momentum", groupNames, curve.Momenta);
    }

    private static SvgChart Chart(
        LrCurve curve, string? title, string label, IReadOnlyList<string>? groupNames, Func<int, IReadOnlyList<double>> values)
    {
        if (groupNames is not null && groupNames.Count != curve.GroupCount)
            throw new ArgumentException(
                $"groupNames must hold one name per parameter group ({curve.GroupCount}). Received: {groupNames.Count}",
                nameof(groupNames));
        var series = new List<ChartSeries>();
        // A rate applies from the start of its minibatch to the start of the next one.
        for (var group = 0; group < curve.GroupCount; group++)
            if (values(group) is { Count: > 0 } line)
                series.Add(new(groupNames?[group] ?? $"group {group}", line, spacing: 1.0 / curve.StepsPerEpoch, line: ChartLine.Stepped));
        return new SvgChart { Title = title ?? curve.Schedule.ToString(), XLabel = "epoch", YLabel = label, Series = series };
    }
}
