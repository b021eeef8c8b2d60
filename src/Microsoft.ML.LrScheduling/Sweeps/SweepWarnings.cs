using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Adds the warnings about the metric of a sweep and about its trials to the messages for the user.</summary>
/// <param name="notes">The messages for the user.</param>
/// <param name="rows">The rows.</param>
/// <param name="cancellation">The cancellation of the sweep.</param>
internal sealed class SweepWarnings(SweepNotes notes, SweepRows rows, Cancellation cancellation)
{
    private readonly HashSet<(LrSchedule? Weights, LrSchedule? Bias, int Epochs, int StepsPerEpoch)> _schedules = [];

    /// <summary>Adds the warnings about the metric by which trials are compared.</summary>
    /// <param name="options">The options of the sweep.</param>
    /// <param name="metric">The metric.</param>
    public void AddOfMetric(SweepOptions options, Metric metric)
    {
        var monitored = rows.Options.MonitoredMetric;
        if (metric != monitored && options.Metric is null && monitored != Defaults.MonitoredMetric)
            notes.Add(
                $"MonitoredMetric ({monitored}) has no effect: there are no validation rows, and trials are compared by {metric}. Give "
                + "Sweep validationData, or set ValidationFraction in the trials' options.");
        if (rows.UndefinedMetrics.Contains(metric) && options.NumberOfFolds is null)
            notes.Add(
                $"Trials are compared by {metric}, which is not defined for these validation rows: all have the same label. No trial "
                + "will have a score. Choose another Metric, or other validation rows.");
    }

    /// <summary>
    /// Adds the warnings of <c>Fit</c> about undefined metrics and about schedules, once for all trials that have the same.
    /// </summary>
    /// <param name="trial">The options of a trial that starts.</param>
    public void AddOfTrial(LinearTrainerOptions trial)
    {
        foreach (var warning in LabelWarnings.OfMetrics(trial, rows.UndefinedMetrics)) AddOnce(warning);
        var stepsPerEpoch = (rows.TrainingRowCount - 1) / trial.BatchSize + 1;
        var ahead = (trial.LearningRateSchedule, trial.BiasLearningRateSchedule, trial.EpochsFor(stepsPerEpoch), stepsPerEpoch);
        if (!_schedules.Add(ahead)) return;
        try
        {
            foreach (var warning in new SchedulesAhead(trial, cancellation.ThrowIfRequested).Warnings(stepsPerEpoch)) AddOnce(warning);
        }
        catch (Exception e) when (TrialFailure.IsOne(e, cancellation))
        {
            // The worker finds the same failure, and the trial ends with it.
        }
    }

    private void AddOnce(string text)
    {
        if (!notes.Texts.Contains(text)) notes.Add(text);
    }
}
