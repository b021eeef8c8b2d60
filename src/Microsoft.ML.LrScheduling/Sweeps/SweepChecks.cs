using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Checks the options and rows of a sweep.</summary>
internal static class SweepChecks
{
    /// <summary>Returns a message for each option that has no effect.</summary>
    public static IEnumerable<string> WithoutEffect(SweepOptions options)
    {
        if (options is { SamplingKeyColumnName: not null, NumberOfFolds: null })
            yield return $"SamplingKeyColumnName of SweepOptions ({options.SamplingKeyColumnName}) has no effect: NumberOfFolds is null. "
                + "To hold back groups of validation rows, set ValidationFraction and SamplingKeyColumnName in the trials' options.";
        if (options is { WhenJournalIsInUse: not JournalInUse.Wait, Journal: null })
            yield return $"WhenJournalIsInUse ({options.WhenJournalIsInUse}) has no effect: Journal is null.";
        if (options is { Cancellation: not CancellationMode.Throw, CancellationToken.CanBeCanceled: false })
            yield return $"Cancellation ({options.Cancellation}) has no effect: CancellationToken is not set.";
    }

    /// <summary>Checks that the trainer measures the metric.</summary>
    /// <param name="options">The options of the sweep.</param>
    /// <param name="trial">The options of a trial.</param>
    /// <exception cref="InvalidOperationException">The trainer does not measure the metric.</exception>
    public static void CheckMeasured(SweepOptions options, LinearTrainerOptions trial)
    {
        if (options.Metric is { } metric && metric != Metric.TrainingLoss && !trial.ValidationMetrics.Contains(metric))
            throw new InvalidOperationException($"Metric must be one that the trainer measures: {Metric.TrainingLoss}, "
                + $"{string.Join(", ", trial.ValidationMetrics)}. Received: {metric}");
    }

    /// <summary>Returns the metric that trials are compared by.</summary>
    /// <param name="options">The options of the sweep.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="InvalidOperationException">The metric cannot be measured on the rows.</exception>
    public static Metric MetricOf(SweepOptions options, SweepRows rows)
    {
        var metric = options.Metric
            ?? (!rows.HasValidation && options.NumberOfFolds is null ? Metric.TrainingLoss : rows.Options.MonitoredMetric);
        if (options.NumberOfFolds is not null && !metric.NeedsValidation())
            throw new InvalidOperationException(
                $"Metric must be measured on validation rows if NumberOfFolds is set. Received: {metric}");
        if (metric.NeedsValidation() && !rows.HasValidation && options.NumberOfFolds is null)
            throw new InvalidOperationException($"Metric must be {Metric.TrainingLoss} if there is no validation data. Received: "
                + $"{metric}. Pass validationData to Sweep, or set ValidationFraction in the trials' options.");
        return metric;
    }

    /// <summary>Creates the exception for a search space without trials.</summary>
    public static ArgumentException NoTrials() => new(
        "space must have at least one trial. Received: none. Pass a list that is not empty to SweepSpace.Trials.", "space");

    /// <summary>Checks that competing trials can be compared on the rows.</summary>
    /// <exception cref="InvalidOperationException">There are no validation rows, or the metric is not defined for them.</exception>
    public static void CheckComparable(SweepRows rows, Metric metric)
    {
        if (metric.NeedsValidation() && !rows.HasValidation)
            throw new InvalidOperationException("A strategy that stops trials early needs validation data. Pass validationData to Sweep, "
                + "or set ValidationFraction in the trials' options.");
        if (rows.UndefinedMetrics.Contains(metric))
            throw new InvalidOperationException(
                "A strategy that stops trials early needs a metric that is defined for the validation rows. "
                + $"Received: {metric}, and all validation rows have the same label");
    }

    /// <summary>Checks that a trial has the same options about rows as the others, because the rows are read only once.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="others">The options of another trial.</param>
    /// <exception cref="InvalidOperationException">An option about rows is different.</exception>
    public static void CheckSameRows(TrialWork trial, LinearTrainerOptions others)
    {
        foreach (var (name, read) in OptionEffects.RowOptions)
            if (!Equals(read(trial.Options), read(others)))
                throw new InvalidOperationException(
                    $"{name} must be the same in all trials of a sweep, since the rows are read once. Received: {read(others)}, "
                    + $"and {read(trial.Options)} in trial {trial.Number}");
    }
}
