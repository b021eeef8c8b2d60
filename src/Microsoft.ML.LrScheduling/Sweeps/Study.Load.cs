using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Reads studies from the journals of sweeps.</summary>
/// <example>
/// <code>
/// mlContext.Regression.Trainers.Sweep(space, trainData, new SweepOptions { Journal = "study.jsonl" });
/// foreach (var trial in Study.Load("study.jsonl").Leaderboard.Take(3)) Console.WriteLine($"{trial.Score}: {trial.Options}");
/// </code>
/// </example>
public static class Study
{
    /// <summary>
    /// Reads the journal of a sweep that has ended or is still running, in this process or another one. Nothing is trained, and the file
    /// is not changed.
    /// </summary>
    /// <param name="journal">The journal file: see <see cref="SweepOptions.Journal"/>.</param>
    /// <returns>
    /// The trials that have ended, each with its own type of options. For a cross-validation, the scores are those of the folds on which
    /// all trials have been measured. There is no model. Trials that have started but not ended are included as they were at most a second
    /// before, with the stop reason <see cref="StopReason.Cancelled"/>; a note lists them. A schedule that is a delegate is missing; its
    /// text is in the history.
    /// </returns>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a journal; or it is damaged, and the message names the line; or it is empty, because the sweep has not read its
    /// rows yet.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Study<LinearTrainerOptions> Load(string journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        Argument.Path(journal, nameof(journal));
        using var stream = UnlockedFile.OpenRead(journal);
        var contents = new JournalReader(journal, withOptions: true).Read(stream);
        if (contents.Study is not { } study) throw new InvalidDataException(contents.Length < stream.Length
            ? $"{journal} has no complete line: its first line is incomplete. Run the same sweep with it to start again."
            : $"{journal} is empty: its sweep is still reading the rows, or no sweep has started. Load it again later.");
        List<string> notes = [];
        KeyValuePair<int, TrainingState>[] states =
            [.. new SweepState(journal, notes.Add).Load().Where(state => !contents.Trials.ContainsKey(state.Key))];
        JournalTrial[] underWay = [.. states.Select(state => StandingTrial.Of(state.Key, state.Value, study)).OfType<JournalTrial>()];
        IReadOnlyList<StudyTrial<LinearTrainerOptions>> trials =
        [
            .. contents.Trials.Values.Select(trial => Trial(trial, contents.Options.GetValueOrDefault(trial.Number)))
                .Concat(underWay.Select(trial => Trial(trial, trial.OptionsOf()))).OrderBy(trial => trial.Number),
        ];
        notes.AddRange(
            from trial in trials
            where trial.Failure is not null
            select TrialText.Failed(trial.Number, trial.Hyperparameters, trial.Failure!));
        if (contents.Folds is [.., { Split: var split, Folds: var folds }])
        {
            var scores = new FoldScores(folds);
            foreach (var fold in contents.Folds.Where(fold => fold.Split == split))
                scores.Add(fold.Trial, fold.Fold, fold.Score, fold.Failure);
            trials = scores.Apply(trials, notes.Add);
        }

        if (states.Length > 0)
            notes.Add($"{Quantity.Of(states.Length, "trial")} had started and not ended: "
                + $"{string.Join(", ", states.Select(state => state.Key).Order())}. "
                + (underWay.Length == 0 ? "" : "Their scores are up to a second old. ")
                + "Run the same sweep with this journal to continue them.");

        notes.AddRange(
            from trial in trials
            let why = contents.Folds.Count > 0 ? null : trial.WhyNoScore(study.Metric)
            where why is not null
            select TrialText.WithoutScore(trial.Number, trial.Hyperparameters, why));
        var loaded = new Study<LinearTrainerOptions>(study.Metric, [.. trials], bestModel: null, [.. notes]);
        return loaded.NoteOnBest is { } note
            ? new Study<LinearTrainerOptions>(study.Metric, loaded.Trials, bestModel: null, [.. notes, note]) : loaded;
    }

    private static StudyTrial<LinearTrainerOptions> Trial(JournalTrial trial, LinearTrainerOptions? options) => new()
    {
        Number = trial.Number,
        Hyperparameters = trial.Hyperparameters,
        Options = options,
        History = trial.History,
        Score = trial.Score,
        Failure = trial.Failure,
        Weights = trial.Weights,
    };
}
