using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Derives from options and rows: the order of the rows, the initial rate, the training plan, and the engine.</summary>
/// <param name="options">The options.</param>
/// <param name="seed">The seed of the order of rows.</param>
internal sealed class FitSetup(LinearTrainerOptions options, int seed)
{
    /// <summary>The number of minibatches in an epoch.</summary>
    public int StepsPerEpoch(TrainingSet training) => (training.RowCount - 1) / options.BatchSize + 1;

    /// <summary>The order of the rows.</summary>
    public RowOrder OrderOf(TrainingSet training) =>
        new(training.RowCount, training.ValuesPerRow, options.BatchSize, options.Shuffle ? seed : null, training.IsInFile);

    /// <summary>The initial rate: the rate of the options, or else a rate computed from the rows.</summary>
    /// <exception cref="InvalidOperationException">The features are too large to compute a rate from them.</exception>
    public double RateFor(TrainerRows rows)
    {
        if (options.LearningRate is { } given) return given;
        var rate = rows.Curvature.RateFor(options.Optimizer, options.BatchSize, rows.SettingsFor(options).L2Regularization);
        return rate > 0 ? rate : throw new InvalidOperationException(
            "The features are too large for a learning rate to follow from them, which must be in (0, ∞). Leave Standardize on, bring "
            + $"them to a smaller scale, or set LearningRate. Received: {rate}");
    }

    /// <summary>The training plan, without checkpoints and progress.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="rate">The initial rate if the options have none.</param>
    /// <param name="cancellation">Ends training.</param>
    /// <param name="initial">The initial weights; null for none.</param>
    /// <exception cref="InvalidOperationException">The rows cannot be trained on with these options.</exception>
    public TrainingPlan PlanFor(TrainerRows rows, double rate, Cancellation cancellation, LinearWeights? initial)
    {
        if (rows.Validation is null) WatchedMetrics.CheckNoneNeedsValidation(options);
        new LabelWarnings(options, rows).RefuseUndefined();
        MagnitudeCheck.CheckPenalty(
            options.Optimizer, rows.SettingsFor(options).L2Regularization, options.LearningRates(rate)[ILinearEngine.WeightGroup],
            initial is null ? [] : rows.Scaled(initial).Weights);
        var stepsPerEpoch = StepsPerEpoch(rows.Training);
        var epochs = options.EpochsFor(stepsPerEpoch);
        if (options.Averaging is { StartEpoch: var start } && start >= epochs)
            throw Argument.OutOfRange("Averaging.StartEpoch", $"in [0, {epochs}), less than the epochs of the run", start);
        return new TrainingPlan(
            NumberOfEpochs: epochs,
            BatchSize: options.BatchSize,
            Schedules: [.. SchedulesOf(epochs, stepsPerEpoch)],
            LearningRates: options.LearningRates(rate),
            Momentum: options.Optimizer.CycledMomentum ?? 0,
            EarlyStopping: options.EarlyStopping is { } rule ? rule with { Metric = rule.Metric ?? options.MonitoredMetric } : null,
            Checkpoints: null,
            Progress: null,
            LossLimit: initial is null ? rows.LossLimit : DivergenceLimit.Of(rows.Training, rows.Task.Loss, rows.Scaled(initial)),
            Cancellation: cancellation)
        {
            RecordsBatchRates = options.Schedules.Count > 0,
            DivergenceAdvice = DivergenceAdvice,
            Averaging = options.Averaging,
        };
    }

    /// <summary>Creates an engine that returns weights for the original features.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="models">The settings of each model.</param>
    /// <param name="windowRows">The number of rows in a window.</param>
    /// <param name="initial">The initial weights of all models; null for none.</param>
    public ILinearEngine CreateEngine(
        TrainerRows rows, IReadOnlyList<ModelSettings> models, int windowRows, LinearWeights? initial)
    {
        var begin = initial is not null ? rows.Scaled(initial)
            : rows.Training.Standardization is null ? null
            : new LinearWeights([], rows.InitialScores.ToArray());
        var problem = new LinearProblem(
            rows.Training, models, rows.Task.OutputCount, rows.Task.Loss, options.BatchSize, windowRows, begin);
        ILinearEngine engine = options.ChosenEngine == TrainingEngine.Torch
            ? new TorchEngine(problem, TorchPlace.Of(options.Device))
            : new FusedEngine(problem);
        return rows.Training.Standardization is { } standardization
            ? new StandardizedEngine(engine, standardization, rows.Task.Loss.TrainingScale, initial)
            : engine;
    }

    /// <summary>The schedule if the options have none: a straight line to 0 over the run, by minibatch.</summary>
    public static LrSchedule Falling(int epochs, int stepsPerEpoch) =>
        LrSchedule.PolynomialLR((int)Math.Min(int.MaxValue, (long)epochs * stepsPerEpoch)) with { Interval = ScheduleInterval.Batch };

    private IEnumerable<LrSchedule?> SchedulesOf(int epochs, int stepsPerEpoch)
    {
        var falling = Falling(epochs, stepsPerEpoch);
        return options.Schedules is { Count: > 0 } own
            ? own.Select(schedule => schedule?.ForRun(epochs, stepsPerEpoch) ?? falling)
            : [falling];
    }

    /// <summary>The advice in the message of a training that diverged.</summary>
    private string DivergenceAdvice
    {
        get
        {
            string[] advice =
            [
                .. options.Standardize ? Array.Empty<string>() : ["let Standardize be true"],
                options.OwnRates is { } own ? $"lower {own}"
                    : options.LearningRate is null
                    ? "set a LearningRate that LearningRateFinder finds"
                    : "leave LearningRate out or find one with LearningRateFinder",
                "begin with a warmup",
                options.GradientClipping is null ? "or set GradientClipping" : "or set a smaller GradientClipping",
            ];
            var sentence = string.Join(", ", advice);
            return $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}.";
        }
    }
}
