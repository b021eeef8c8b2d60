using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;

namespace ScheduleGallery;

/// <summary>A schedule on show.</summary>
/// <param name="Name">The name, of its file too.</param>
/// <param name="Caption">What to see.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Code">The C# that makes it.</param>
internal sealed record Exhibit(string Name, string Caption, LrSchedule Schedule, string Code)
{
    private const int Epochs = 100;
    private const int StepsPerEpoch = 10;

    /// <summary>The initial rate of each parameter group.</summary>
    public double[] Rates { get; init; } = [0.1];

    /// <summary>The names of the groups, where there are several.</summary>
    public string[]? Groups { get; init; }

    /// <summary>What the metric is after each epoch, for schedules that watch one.</summary>
    public Func<int, double>? Metric { get; init; }

    /// <summary>Whether the metric has a picture of its own.</summary>
    public bool ShowMetric { get; init; }

    /// <summary>Whether the axis of the rates is logarithmic.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Makes an exhibit; the compiler writes down the code that makes the schedule.</summary>
    public static Exhibit Of(
        string name, string caption, LrSchedule schedule, [CallerArgumentExpression(nameof(schedule))] string code = "") =>
        new(name, caption, schedule, code);

    /// <summary>The curve over 100 epochs of 10 minibatches.</summary>
    public LrCurve Curve() => Schedule.Preview(Epochs, StepsPerEpoch, Rates, Metric);

    /// <summary>
    /// The pictures, each with the name of its file: the rate; the momentum, where it changes; the metric, where it is to be shown.
    /// </summary>
    public IEnumerable<(string File, SvgChart Chart)> Charts()
    {
        var curve = Curve();
        yield return (Name, curve.ToChart(Name, Logarithmic, Groups));
        if (Schedule.CyclesMomentum) yield return ($"{Name}-momentum", curve.ToMomentumChart($"{Name}: momentum"));
        if (Metric is not null && ShowMetric)
            yield return ($"{Name}-metric", new SvgChart
            {
                Title = $"{Name}: the metric it watches",
                XLabel = "epoch",
                YLabel = "validation loss",
                Series = [new ChartSeries("validation loss", [.. Enumerable.Range(0, Epochs).Select(Metric)], start: 1)],
            });
    }
}
