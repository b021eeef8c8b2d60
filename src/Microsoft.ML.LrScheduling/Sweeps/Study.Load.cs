using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Reads what sweeps have learned.</summary>
/// <example>
/// <code>
/// mlContext.Regression.Trainers.Sweep(space, trainData, new SweepOptions { Journal = "study.jsonl" });
/// foreach (var trial in Study.Load("study.jsonl").Leaderboard.Take(3)) Console.WriteLine($"{trial.Score}: {trial.Options}");
/// </code>
/// </example>
public static class Study
{
    /// <summary>
    /// Reads a journal, of a sweep that has ended or is under way, in this process or another. Nothing is trained, and the file is left
    /// as it is.
    /// </summary>
    /// <param name="journal">The file, <see cref="SweepOptions.Journal"/>.</param>
    /// <returns>
    /// The trials that have ended, each with options of its own kind; of a cross-validation the scores of the folds that all trials have
    /// been measured on. There is no model. Trials that have begun and not ended are not among them: a note says which these are. A
    /// schedule that is a delegate is missing; its text is in the history.
    /// </returns>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no journal, or is damaged, and the message says in which line; or it is empty, as it is until the sweep has read its
    /// rows.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Study<LinearTrainerOptions> Load(string journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        Argument.Path(journal, nameof(journal));
        using var stream = UnlockedFile.OpenRead(journal);
        var contents = new JournalReader(journal, withOptions: true).Read(stream);
        if (contents.Study is not { } study) throw new InvalidDataException(contents.Length < stream.Length
            ? $"{journal} has no whole line: its first had been cut. The same sweep begins it anew."
            : $"{journal} is empty: its sweep is still reading the rows, or none has begun. Load it again later.");
        IReadOnlyList<StudyTrial<LinearTrainerOptions>> trials =
            [.. contents.Trials.Values.OrderBy(trial => trial.Number).Select(trial => Trial(trial, contents))];
        List<string> notes =
        [
            .. from trial in trials
               where trial.Failure is not null
               select TrialText.Failed(trial.Number, trial.Hyperparameters, trial.Failure!),
        ];
        if (contents.Folds is [.., { Split: var split, Folds: var folds }])
        {
            var scores = new FoldScores(folds);
            foreach (var fold in contents.Folds.Where(fold => fold.Split == split))
                scores.Add(fold.Trial, fold.Fold, fold.Score, fold.Failure);
            trials = scores.Apply(trials, notes.Add);
        }

        int[] underWay = [.. new SweepState(journal, notes.Add).Load().Keys.Where(trial => !contents.Trials.ContainsKey(trial)).Order()];
        if (underWay.Length > 0)
            notes.Add($"{Quantity.Of(underWay.Length, "trial")} had begun and had not ended: {string.Join(", ", underWay)}. The same sweep "
                + "goes on with them from this journal.");

        return new Study<LinearTrainerOptions>(study.Metric, [.. trials], bestModel: null, [.. notes]);
    }

    private static StudyTrial<LinearTrainerOptions> Trial(JournalTrial trial, JournalContents contents) => new()
    {
        Number = trial.Number,
        Hyperparameters = trial.Hyperparameters,
        Options = contents.Options.GetValueOrDefault(trial.Number),
        History = trial.History,
        Score = trial.Score,
        Failure = trial.Failure,
        Weights = trial.Weights,
    };
}
