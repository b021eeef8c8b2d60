using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Collects the scores of a cross-validation.</summary>
/// <param name="folds">The number of folds.</param>
internal sealed class FoldScores(int folds)
{
    private readonly Dictionary<(int Trial, int Fold), (double? Score, string? Failure)> _known = [];

    /// <summary>
    /// Describes how the rows are split into folds. The journal contains this text, so that scores of other splits are not used.
    /// </summary>
    public static string SplitOf(SweepOptions options) =>
        $"{options.NumberOfFolds} folds, seed {options.Seed}" + (options.SamplingKeyColumnName is { } key ? $", by {key}" : "");

    /// <summary>Whether a trial is cross-validated: it must have ended by itself, and have a model.</summary>
    public static bool Takes<TOptions>(StudyTrial<TOptions> trial) where TOptions : LinearTrainerOptions =>
        trial is { Weights: not null, History.StopReason: not (StopReason.Pruned or StopReason.Cancelled) };

    /// <summary>Adds a score. It replaces an earlier score of the same trial and fold.</summary>
    public void Add(int trial, int fold, double? score, string? failure) => _known[(trial, fold)] = (score, failure);

    /// <summary>Whether a trial has been measured on a fold.</summary>
    public bool IsKnown(int trial, int fold) => _known.ContainsKey((trial, fold));

    /// <summary>
    /// Returns the trials with their mean scores over the folds on which all trials have been measured. If there is no such fold, the
    /// trials are returned unchanged.
    /// </summary>
    /// <param name="trials">The trials.</param>
    /// <param name="note">Receives messages for the user.</param>
    public IReadOnlyList<StudyTrial<TOptions>> Apply<TOptions>(IReadOnlyList<StudyTrial<TOptions>> trials, Action<string> note)
        where TOptions : LinearTrainerOptions
    {
        int[] taken = [.. trials.Where(Takes).Select(trial => trial.Number)];
        int[] measured = taken.Length == 0 ? [] :
        [
            .. _known.Keys.Where(key => key.Trial == taken[0]).Select(key => key.Fold).Order()
                .Where(fold => Array.TrueForAll(taken, trial => IsKnown(trial, fold))),
        ];
        if (taken.Length > 0 && measured.Length < folds)
        {
            note(measured.Length == 0
                ? "Cross-validation was stopped early: the scores are those without it."
                : $"Cross-validation was stopped early: the scores are means of {measured.Length} of {folds} folds.");
            if (measured.Length == 0) return trials;
        }

        StudyTrial<TOptions>[] scored = [.. trials.Select(trial => Takes(trial) ? Scored(trial, measured) : trial with { Score = null })];
        foreach (var trial in scored.Where(Takes))
            if (trial.Failure is { } failure) note(TrialText.Failed(trial.Number, trial.Hyperparameters, failure));
        return scored;
    }

    private StudyTrial<TOptions> Scored<TOptions>(StudyTrial<TOptions> trial, int[] measured) where TOptions : LinearTrainerOptions
    {
        var own = measured.Select(fold => (Fold: fold, _known[(trial.Number, fold)].Score, _known[(trial.Number, fold)].Failure)).ToArray();
        ValueList<double?> scores = [.. own.Select(fold => fold.Score)];
        var failed = Array.Find(own, fold => fold.Failure is not null);
        return trial with
        {
            FoldScores = scores,
            Score = scores.Contains(null) ? null : scores.Average(),
            Failure = failed.Failure is null ? trial.Failure : $"In fold {failed.Fold + 1}: {failed.Failure}",
        };
    }
}
