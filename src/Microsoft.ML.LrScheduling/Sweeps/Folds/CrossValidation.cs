using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Cross-validates trials: trains each trial again once per fold, without the rows of that fold, and measures it on them. The folds are
/// those of ML.NET's <c>CrossValidate</c>.
/// </summary>
/// <param name="createTrainer">Creates a trainer from options.</param>
/// <param name="data">The data.</param>
/// <param name="options">The options of the sweep.</param>
/// <param name="metric">The metric.</param>
/// <param name="cancellation">Cancels the cross-validation.</param>
internal sealed class CrossValidation(
    Func<LinearTrainerOptions, ISweptTrainer> createTrainer, SweepData data, SweepOptions options, Metric metric,
    Cancellation cancellation)
{
    /// <summary>Splits the rows into folds.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="options">The options of the sweep, with the number of folds, the seed and the grouping column.</param>
    public static IReadOnlyList<DataOperationsCatalog.TrainTestData> Split(SweepData data, SweepOptions options) =>
        new MLContext(options.Seed).Data.CrossValidationSplit(
            data.Training, options.NumberOfFolds!.Value, options.SamplingKeyColumnName, options.Seed);

    /// <summary>Computes the scores, and yields those of trials that train together as soon as they are known.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="isKnown">Whether the score of (trial, fold) is already known.</param>
    public IEnumerable<IReadOnlyList<FoldResult>> Run(IReadOnlyList<TrialWork> trials, Func<int, int, bool> isKnown)
    {
        var splits = Split(data, options);
        for (var fold = 0; fold < splits.Count; fold++)
        {
            TrialWork[] left = [.. trials.Where(trial => !isKnown(trial.Number, fold))];
            if (left.Length == 0) continue;
            foreach (var result in Run(left, fold, splits[fold])) yield return result;
        }
    }

    /// <summary>Computes the scores of one fold.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="fold">The fold, from 0.</param>
    /// <param name="split">The rows of the fold, and all other rows.</param>
    public IEnumerable<IReadOnlyList<FoldResult>> Run(
        IReadOnlyList<TrialWork> trials, int fold, DataOperationsCatalog.TrainTestData split)
    {
        var trainers = new Dictionary<int, ISweptTrainer>();
        foreach (var trial in trials)
        {
            if (Failure(() => trainers.Add(trial.Number, createTrainer(trial.Options))) is { } failure)
                yield return [new FoldResult(fold, trial.Number, Score: null, failure)];
        }

        if (trainers.Count == 0) yield break;
        if (Read(trainers, fold, split, out var unreadable) is not var (read, test))
        {
            yield return [.. trainers.Keys.Select(trial => new FoldResult(fold, trial, Score: null, unreadable))];
            yield break;
        }

        using var held = read;
        var rows = new SweptRows(read, test, cancellation);
        var live = new List<LiveTrial>();
        foreach (var trial in trials.Where(trial => trainers.ContainsKey(trial.Number)))
        {
            if (Failure(() => live.Add(new LiveTrial(trial, trainers[trial.Number], rows))) is { } failure)
                yield return [new FoldResult(fold, trial.Number, Score: null, failure)];
        }

        foreach (var together in live.GroupBy(trial => trial.Trainer.Options.SharedOn(rows.Read.Training.IsSparse))
            .SelectMany(group => group.Chunk(options.TrialsTogether)))
        {
            using (var group = new TrialGroup(together, states: [], rows, competes: false, leaves: _ => { }, note: _ => { }))
                group.TrainUntil(int.MaxValue, epochEnded: () => { });
            yield return Results(together, fold, rows.For(together[0].Trainer).Task.Scores, test);
        }
    }

    // Null if no trial can be trained on the rows of the fold, for example because all of them are invalid.
    private (TrainerRows Read, TrainingSet Test)? Read(
        Dictionary<int, ISweptTrainer> trainers, int fold, DataOperationsCatalog.TrainTestData split, out string? failure)
    {
        failure = null;
        try
        {
            var (fitted, made) = data.Fit(split.TrainSet);
            return SweptRows.ReadFor(
                trainers.Values, trainer => Read(trainer, made, fitted?.Transform(split.TestSet) ?? split.TestSet, fold)).Read;
        }
        catch (InvalidOperationException e)
        {
            failure = OneLine.Of(e.Message);
            return null;
        }
    }

    private (TrainerRows Read, TrainingSet Test) Read(ISweptTrainer trainer, SweepData made, IDataView test, int fold)
    {
        var read = trainer.Read(made.Training, made.Validation, cancellation);
        try
        {
            return (read, trainer.ReadTest(test, $"fold-{fold + 1} test", read, cancellation));
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    private string? Failure(Action begin)
    {
        try
        {
            begin();
            return null;
        }
        catch (Exception e) when (TrialFailure.IsOne(e, cancellation))
        {
            return TrialFailure.Reason("It cannot be trained", e);
        }
    }

    private FoldResult[] Results(LiveTrial[] trials, int fold, ValidationScores measured, TrainingSet test)
    {
        var scores = Array.Empty<float>();
        return [.. trials.Select(Result)];

        FoldResult Result(LiveTrial trial)
        {
            var run = trial.Run;
            if (run.Ended is StopReason.Diverged or StopReason.Failed)
                return new FoldResult(fold, trial.Work.Number, Score: null, run.Failure ?? run.Divergence);
            var score = measured.Measure(test, run.Weights, ref scores).TryGetValue(metric, out var value) && double.IsFinite(value)
                ? value : (double?)null;
            return new FoldResult(fold, trial.Work.Number, score, score is not null ? null
                : measured.Undefined(test).Contains(metric)
                    ? $"{metric} is not defined for the rows of the fold: all have the same label."
                    : $"{metric} is not a number for the rows of the fold.");
        }
    }
}
