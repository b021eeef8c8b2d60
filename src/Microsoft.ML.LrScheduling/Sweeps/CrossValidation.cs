using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Trains trials again without a part of the rows, and measures them on that part: each part in turn, with the splits of ML.NET's own
/// <c>CrossValidate</c>.
/// </summary>
/// <param name="createTrainer">Makes a trainer of options.</param>
/// <param name="options">How the sweep goes.</param>
/// <param name="metric">What is measured.</param>
/// <param name="cancellation">What ends it.</param>
internal sealed class CrossValidation<TOptions>(
    Func<TOptions, ISweptTrainer> createTrainer, SweepOptions options, Metric metric, Cancellation cancellation)
    where TOptions : LinearTrainerOptions
{
    /// <summary>The scores, as they come to be known.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="isKnown">Whether the score of (trial, fold) is known already.</param>
    /// <param name="trainData">The training rows, before the features are made.</param>
    /// <param name="validationData">
    /// The rows that schedules and early stopping watch; null for those that are held back of what is left of the training rows.
    /// </param>
    /// <param name="features">What makes the features, fitted once a fold; null where they are there.</param>
    /// <returns>The fold, the trial, and the metric, which is null where it is not defined, or training diverged.</returns>
    public IEnumerable<(int Fold, int Trial, double? Score)> Run(
        IReadOnlyList<StudyTrial<TOptions>> trials, Func<int, int, bool> isKnown, IDataView trainData, IDataView? validationData,
        IEstimator<ITransformer>? features)
    {
        var splits = new MLContext(options.Seed).Data.CrossValidationSplit(
            trainData, options.NumberOfFolds!.Value, options.SamplingKeyColumnName, options.Seed);
        for (var fold = 0; fold < splits.Count; fold++)
        {
            (int Number, ISweptTrainer Trainer)[] left =
                [.. trials.Where(trial => !isKnown(trial.Number, fold)).Select(trial => (trial.Number, createTrainer(trial.Options)))];
            if (left.Length == 0) continue;
            var fitted = features?.Fit(splits[fold].TrainSet);
            IDataView Made(IDataView data) => fitted?.Transform(data) ?? data;
            using var read = left[0].Trainer.Read(
                Made(splits[fold].TrainSet), validationData is null ? null : Made(validationData), cancellation);
            var test = left[0].Trainer.ReadTest(Made(splits[fold].TestSet), $"fold-{fold + 1} test", read, cancellation);
            var rows = new SweptRows(read, test, cancellation);
            var batches = left.GroupBy(trial => trial.Trainer.Options.SharedSettings)
                .SelectMany(group => group.Chunk(options.TrialsTogether));
            foreach (var together in batches)
                foreach (var (trial, score) in together.Zip(Scores([.. together.Select(trial => trial.Trainer)], rows, test)))
                    yield return (fold, trial.Number, score);
        }
    }

    private double?[] Scores(ISweptTrainer[] trainers, SweptRows rows, TrainingSet test)
    {
        ModelRun[] runs = [.. trainers.Select(trainer => rows.RunOf(trainer))];
        using var training = rows.Join(trainers, runs);
        while (!training.IsOver)
        {
            training.TrainEpoch();
            training.Shrink();
        }

        var (measured, scores) = (rows.For(trainers[0]).Task.Scores, Array.Empty<float>());
        return [.. runs.Select(run => run.Ended == StopReason.Diverged ? null : Score(run.Weights))];

        double? Score(LinearWeights weights) =>
            weights.IsFinite && measured.Measure(test, weights, ref scores)
                .TryGetValue(metric, out var score) && double.IsFinite(score) ? score : null;
    }
}
