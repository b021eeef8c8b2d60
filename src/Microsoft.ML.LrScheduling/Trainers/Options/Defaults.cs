using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The default of each option that both a trainer's <c>Options</c> and its short overload have.</summary>
internal static class Defaults
{
    public const string LabelColumnName = "Label";
    public const string FeatureColumnName = "Features";
    public const int BatchSize = 32;
    public const string Device = "cpu";
    public const Metric MonitoredMetric = Metric.ValidationLoss;
}
