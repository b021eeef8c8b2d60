using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The results of a sweep.</summary>
/// <typeparam name="TOptions">The type of the trainer's options.</typeparam>
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

    /// <summary>The metric that trials are compared by.</summary>
    public Metric Metric { get; }

    /// <summary>All trials, in the order of their numbers.</summary>
    public ValueList<StudyTrial<TOptions>> Trials { get; }

    /// <summary>All trials, the best first. Trials without a score are at the end.</summary>
    public ValueList<StudyTrial<TOptions>> Leaderboard { get; }

    /// <summary>
    /// Messages about the sweep. They say, for example, why trials failed, that the sweep was stopped early, or that the last line of the
    /// journal was incomplete.
    /// </summary>
    public ValueList<string> Notes { get; }

    /// <summary>Returns the number of trials and the best trial, on one line.</summary>
    public override string ToString() => $"{Quantity.Of(Trials.Count, "trial")}; "
        + (Leaderboard is [{ Score: not null } best, ..] ? $"the best by {MetricText}: {best}" : $"none has a score by {MetricText}");

    /// <summary>The metric, with the unit of a log-loss.</summary>
    internal string MetricText => Trials.FirstOrDefault(trial => trial.HasOptions) is { } any
        && Metric.Unit(isMulticlass: any.Options.ValidationMetrics.Contains(Metric.MicroAccuracy)) is { } unit
        ? $"{Metric} ({unit})"
        : $"{Metric}";

    /// <summary>The best trial.</summary>
    /// <exception cref="InvalidOperationException">No trial has a score.</exception>
    public StudyTrial<TOptions> Best =>
        Leaderboard is [{ Score: not null } best, ..] ? best : throw new InvalidOperationException(WhyNoneIsBest());

    /// <summary>
    /// The model of the best trial, which you can use to predict or save. If the sweep had a pipeline for the features, the model includes
    /// it.
    /// </summary>
    /// <exception cref="InvalidOperationException">No trial has a score, or the study was loaded from a journal.</exception>
    public ITransformer BestModel => _bestModel ?? throw new InvalidOperationException(
        Leaderboard is [{ Score: not null }, ..]
            ? "A study that was loaded has no model. Run the same sweep with its journal: it returns the model, and trains no trial again."
            : WhyNoneIsBest());

    /// <summary>
    /// A note if the best trial was stopped early because no trial that trained further has a score; otherwise null.
    /// </summary>
    internal string? NoteOnBest =>
        Leaderboard is [{ Score: not null, History.StopReason: StopReason.Pruned, EpochCount: var epochs } best, ..]
        && !Trials.Any(trial => trial.Score is not null && trial.EpochCount > epochs)
            ? $"The best trial, {TrialText.Of(best.Number, best.Hyperparameters)}, was stopped early, after "
                + $"{Quantity.Of(epochs, "epoch")}: the trials that were to train further failed or diverged, and have no score."
            : null;

    private string WhyNoneIsBest()
    {
        if (Trials.Count == 0)
            return "There is no best trial: no trial has ended. If the sweep was stopped early, run it again with its journal to continue.";
        StudyTrial<TOptions>[] diverged = [.. Trials.Where(trial => trial.History.StopReason == StopReason.Diverged)];
        StudyTrial<TOptions>[] failed = [.. Trials.Where(trial => trial.Failure is not null)];
        StudyTrial<TOptions>[] undefined =
            [.. Trials.Where(trial => trial is { Weights: not null, Failure: null } && trial.History.Epochs[^1][Metric] is null)];
        StudyTrial<TOptions>[] infinite = [.. Trials.Where(trial => trial.WhyNoScore(Metric) is not null)];
        var others = Trials.Count - diverged.Length - failed.Length - undefined.Length - infinite.Length;
        string[] reasons =
        [
            .. diverged.Take(1).Select(first =>
                $"{diverged.Length} diverged, trial {first.Number}: "
                + (first.History.Divergence?.TrimEnd('.') ?? $"Training diverged in epoch {first.EpochCount + 1}")),
            .. failed.Take(1).Select(first => $"{failed.Length} failed, trial {first.Number}: {first.Failure!.TrimEnd('.')}"),
            .. undefined.Take(1).Select(_ => $"{Quantity.Of(undefined.Length, "has", "have")} no {Metric}: it is not defined for the rows "
                + $"that {(undefined.Length == 1 ? "it was" : "they were")} measured on"),
            .. infinite.Take(1).Select(first =>
                $"{Quantity.Of(infinite.Length, "has", "have")} no score, trial {first.Number}: {first.WhyNoScore(Metric)}"),
            .. Enumerable.Repeat(
                $"{Quantity.Of(others, "has", "have")} no {Metric}, since {(others == 1 ? "it was" : "they were")} stopped early",
                Math.Min(others, 1)),
        ];
        return $"There is no best trial. Of {Quantity.Of(Trials.Count, "trial")} {string.Join("; ", reasons)}."
            + (diverged.Length == 0 ? "" : " Sweep lower learning rates, or leave LearningRate out, so that the trainer chooses it.");
    }
}
