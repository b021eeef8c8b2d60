using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a sweep has learned.</summary>
/// <typeparam name="TOptions">The options of the trainer.</typeparam>
public sealed class Study<TOptions>
    where TOptions : LinearTrainerOptions
{
    internal Study(Metric metric, ValueList<StudyTrial<TOptions>> trials, ITransformer? bestModel, ValueList<string> notes)
    {
        (Metric, Trials, Notes) = (metric, trials, notes);
        Leaderboard = [.. trials.OrderBy(trial => trial.Score is null)
            .ThenBy(trial => metric.HigherIsBetter() ? -trial.Score : trial.Score).ThenBy(trial => trial.Number)];
        _bestModel = bestModel;
    }

    private readonly ITransformer? _bestModel;

    /// <summary>What trials are compared by.</summary>
    public Metric Metric { get; }

    /// <summary>All trials by their number.</summary>
    public ValueList<StudyTrial<TOptions>> Trials { get; }

    /// <summary>All trials, the best first; those without a score at the end.</summary>
    public ValueList<StudyTrial<TOptions>> Leaderboard { get; }

    /// <summary>What a user should know of the journal, such as that its last line had been cut.</summary>
    public ValueList<string> Notes { get; }

    /// <summary>How many trials there are, and the best of them, in a line.</summary>
    public override string ToString() => $"{Quantity.Of(Trials.Count, "trial")}; "
        + (Leaderboard is [{ Score: not null } best, ..] ? $"the best by {MetricText}: {best}" : $"none has a {MetricText}");

    /// <summary>The metric, with the unit of a log-loss.</summary>
    internal string MetricText => Trials is [var any, ..]
        && Metric.Unit(isMulticlass: any.Options.ValidationMetrics.Contains(Metric.MicroAccuracy)) is { } unit
        ? $"{Metric} ({unit})"
        : $"{Metric}";

    /// <summary>The best trial.</summary>
    /// <exception cref="InvalidOperationException">No trial has a score.</exception>
    public StudyTrial<TOptions> Best => Leaderboard is [{ Score: not null } best, ..] ? best : throw new InvalidOperationException(
        $"No trial has a {Metric}: all {Trials.Count} diverged, or it is not defined for these rows. Sweep lower learning rates.");

    /// <summary>
    /// The model of the best trial, behind the features' own transformers where the sweep was given some: ready to predict, or to be
    /// saved.
    /// </summary>
    /// <exception cref="InvalidOperationException">No trial has a score.</exception>
    public ITransformer BestModel => _bestModel ?? throw new InvalidOperationException($"There is no model: no trial has a {Metric}.");
}
