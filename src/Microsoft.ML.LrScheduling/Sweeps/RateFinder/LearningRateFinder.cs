using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Finds a learning rate. The finder trains one model per learning rate, all from the same start and on the same minibatches, and measures
/// the losses on held-out rows. The rates are a geometric sequence. During training each rate decreases linearly to zero, as it does by
/// default. The held-out rows come from a 10-fold cross-validation of at most 10,000 rows.
/// </summary>
/// <remarks>
/// Training uses the standardisation, the optimizer, the loss, the penalties, the gradient clipping and the engine of the trainer. The
/// same seed and rows give the same curve.
/// </remarks>
/// <example>
/// <code>
/// var trainer = mlContext.Regression.Trainers.TorchLinearRegression();
/// var curve = new LearningRateFinder().Find(trainer, trainData);
/// Console.WriteLine(curve.SuggestedRate);
/// </code>
/// </example>
public sealed record LearningRateFinder
{
    // This number of rows is enough to compare rates.
    private const int MostRows = 10_000;

    // Fewer rows do not tell chance from a label that features predict, unless they predict it nearly without an error.
    private const int FewRows = 20;

    // The curvature of a loss along a feature of one scale is of the size of 1: a tenth of that holds little back.
    private const double SmallPenalty = 0.1;

    // The number of folds.
    private const int Parts = 10;

    // The maximum number of weights in all models that train together: 256 MB, without optimizer states.
    private const int WeightsTogether = 1 << 26;

    /// <summary>The lowest rate, in (0, ∞). Default: 1e-6.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, ∞).</exception>
    public double MinimumRate { get; init => field = Argument.Positive(value, nameof(MinimumRate)); } = 1e-6;

    /// <summary>The highest rate, above <see cref="MinimumRate"/>. Default: 1000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, ∞).</exception>
    public double MaximumRate { get; init => field = Argument.Positive(value, nameof(MaximumRate)); } = 1000;

    /// <summary>The number of rates, at least 3. Default: 37, which is four per factor of 10 in the default range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 3.</exception>
    public int NumberOfRates { get; init => field = Argument.AtLeast(value, 3, nameof(NumberOfRates)); } = 37;

    /// <summary>
    /// The maximum number of minibatches that each model is trained on, at least 20. It is never more than in the trainer's own run.
    /// Default: 1000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 20.</exception>
    public int Steps { get; init => field = Argument.AtLeast(value, 20, nameof(Steps)); } = 1000;

    /// <summary>Trains with each rate and returns the losses.</summary>
    /// <param name="trainer">The trainer. The learning rates and schedules of its options are ignored.</param>
    /// <param name="trainData">The training rows, read once.</param>
    /// <exception cref="ArgumentException"><see cref="MaximumRate"/> is not above <see cref="MinimumRate"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than two training rows, or <c>Fit</c> of the trainer would throw this exception for the same rows.
    /// </exception>
    /// <exception cref="OperationCanceledException">The CancellationToken of the trainer's options cancelled the search.</exception>
    public LearningRateCurve Find<TTransformer, TBuiltIn, TModel>(
        LinearTrainerBase<TTransformer, TBuiltIn, TModel> trainer, IDataView trainData)
        where TTransformer : LinearTransformerBase<TBuiltIn, TModel>
        where TBuiltIn : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(trainData);
        if (MaximumRate <= MinimumRate)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"MaximumRate must be above MinimumRate ({MinimumRate}). Received: {MaximumRate}"));
        }
        return TryRates(trainer, trainData);
    }

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);

    private LearningRateCurve TryRates(ISweptTrainer trainer, IDataView trainData)
    {
        var cancellation = new Cancellation(() => false, BestBy: null, trainer.Options.CancellationToken);
        using var rows = trainer.Read(trainData, validationData: null, cancellation);
        var all = rows.Training;
        if (all.RowCount < 2)
            throw new InvalidOperationException($"The finder needs at least two training rows. Received: {all.RowCount}");
        double[] rates = [.. Enumerable.Range(0, NumberOfRates)
            .Select(i => MinimumRate * Math.Pow(MaximumRate / MinimumRate, i / (NumberOfRates - 1.0)))];
        var every = (all.RowCount - 1) / MostRows + 1;
        int[] sample = [.. Enumerable.Range(0, (all.RowCount - 1) / every + 1).Select(i => i * every)];
        // Shuffled, because rows can be sorted by their labels.
        new Random(trainer.Seed).Shuffle(sample);
        var (initialLoss, losses) = (0.0, new double[rates.Length]);
        var together = (int)Math.Clamp(WeightsTogether / ((all.FeatureCount + 1L) * rows.Task.OutputCount), 1, NumberOfRates);
        for (var (part, parts) = (0, Math.Min(Parts, sample.Length)); part < parts; part++)
        {
            var (first, end) = (sample.Length * part / parts, sample.Length * (part + 1) / parts);
            double Loss(LinearWeights model) => MeanLoss(all, sample[first..end], trainer.Options.TrainingLoss, model);
            using var others = Copy(trainer, rows, [.. sample[..first], .. sample[end..]]);
            var share = (end - first) / (double)sample.Length;
            initialLoss += share * Loss(Initial(trainer, others));
            LinearWeights[] models =
                [.. rates.Chunk(together).SelectMany(some => Train(some, trainer, all.RowCount, others, cancellation))];
            Parallel.For(0, rates.Length, i => losses[i] += share * Loss(models[i]));
        }

        var loss = trainer.Options.TrainingLoss;
        return new LearningRateCurve(
            [.. rates.Zip(losses, (rate, loss) => new LearningRatePoint(rate, loss))], initialLoss,
            sample.Average(row => all.Weight(row) * loss.Floor(all.Label(row))), Obstacle(rows), HeldBackBy(trainer.Options));
    }

    /// <summary>Why no rate can be better than another; null where one can be.</summary>
    private static string? Obstacle(TrainerRows rows)
    {
        var count = rows.Training.RowCount;
        if (rows.Training.OnlyLabel is { } label)
            return (rows.Training.HasWeights ? "All rows with a weight above 0" : $"All {count} rows")
                + $" have the label {rows.Task.LabelText(label)}. There is nothing to learn, so that no "
                + "rate is better than another. Check the label column.";
        if (SlopeTest.FindsSignal(rows)) return null;
        return count < FewRows
            ? $"{count} rows are too few to tell whether the features predict the label, and which rate is better than another. Try more "
                + "rows, or leave LearningRate null."
            : "The features do not predict the label better than chance, so that no rate is better than another. Try other features, or "
                + "more rows.";
    }

    /// <summary>The options that may hold weights near zero, with their values; empty where there are none.</summary>
    private static string HeldBackBy(LinearTrainerOptions options)
    {
        (string Name, double? Value)[] penalties =
        [
            (nameof(options.L1Regularization), options.L1Regularization),
            (nameof(options.L2Regularization), options.L2Regularization),
            ("weightDecay", options.Optimizer is AdamW decayed ? decayed.WeightDecay : options.Optimizer.CoupledWeightDecay),
        ];
        var clipping = options.GradientClipping is { } given ? [$"{nameof(options.GradientClipping)} ({given})"] : Array.Empty<string>();
        return string.Join(" and ", penalties.Where(penalty => penalty.Value > SmallPenalty)
            .Select(penalty => FormattableString.Invariant($"{penalty.Name} ({penalty.Value:G3})")).Concat(clipping));
    }

    /// <summary>Copies some of the rows, as if the trainer had read only these.</summary>
    private static TrainerRows Copy(ISweptTrainer trainer, TrainerRows rows, int[] chosen)
    {
        var all = rows.Training;
        var store = RowStore.Unlimited();
        var builder = new TrainingSetBuilder(all.FeatureCount, all.HasWeights, store, trainer.Options.Standardize);
        foreach (var row in chosen)
        {
            if (all.IsSparse) builder.Add(all.Entries(row).Values, all.Entries(row).Indices, all.Label(row), all.Weight(row));
            else builder.Add(all.Features(row), [], all.Label(row), all.Weight(row));
        }

        return trainer.RowsFor(new TrainerRows(rows.Task, builder.Build("training"), Validation: null, store, rows.Schema));
    }

    private static LinearWeights Initial(ISweptTrainer trainer, TrainerRows rows)
    {
        using var engine = trainer.CreateEngine(rows, [rows.SettingsFor(trainer.Options)], rows.Training.RowCount);
        return engine.GetWeights(0);
    }

    /// <summary>Trains with each rate. Yields the weights, with NaN if training diverged.</summary>
    private IEnumerable<LinearWeights> Train(
        double[] rates, ISweptTrainer trainer, int rowCount, TrainerRows rows, Cancellation cancellation)
    {
        var options = trainer.Options;
        using var windows = new WindowLoader(rows.Training, trainer.OrderOf(rows));
        var settings = rows.SettingsFor(options);
        using var engine = trainer.CreateEngine(rows, [.. Enumerable.Repeat(settings, rates.Length)], windows.WindowRows);
        var stepsPerEpoch = (rowCount - 1) / options.BatchSize + 1;
        var steps = (int)Math.Min(Steps, (long)options.EpochsFor(stepsPerEpoch) * stepsPerEpoch);
        var diverged = new bool[rates.Length];
        var groups = new double[rates.Length * ILinearEngine.GroupCount];
        for (var (step, epoch, window) = (0, 0, 0);
            step < steps;
            (epoch, window) = window + 1 < windows.WindowCount ? (epoch, window + 1) : (epoch + 1, 0))
        {
            var inWindow = windows.Load(epoch, window);
            engine.LoadWindow(inWindow);
            for (var start = 0; start < inWindow.Count && step < steps; start += options.BatchSize, step++)
            {
                cancellation.ThrowIfRequested();
                for (var i = 0; i < groups.Length; i++) groups[i] = rates[i / ILinearEngine.GroupCount] * (1 - step / (double)steps);
                engine.Step(start, Math.Min(options.BatchSize, inWindow.Count - start), groups, []);
                for (var model = 0; model < rates.Length; model++) diverged[model] |= !(engine.LastLoss(model) <= rows.LossLimit);
            }
        }

        for (var model = 0; model < rates.Length; model++)
        {
            var weights = engine.GetWeights(model);
            // A training would have ended when it diverged, so later weights do not count.
            if (diverged[model]) Array.Fill(weights.Biases, float.NaN);
            yield return weights;
        }
    }

    /// <summary>Returns the mean loss over rows; infinite if the model or the loss is not finite.</summary>
    private static double MeanLoss(TrainingSet set, int[] rows, Loss loss, LinearWeights model)
    {
        if (!model.IsFinite) return double.PositiveInfinity;
        var (scores, sum) = (new float[model.OutputCount], 0.0);
        foreach (var row in rows)
        {
            model.Score(set, row, scores);
            sum += set.Weight(row) * loss.Value(scores, set.Label(row));
        }

        return double.IsFinite(sum) ? sum / rows.Length : double.PositiveInfinity;
    }
}
