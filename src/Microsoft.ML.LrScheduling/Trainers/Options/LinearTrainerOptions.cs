using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The options that all trainers have in common. A trainer copies and checks the options when it is created.</summary>
public abstract class LinearTrainerOptions
{
    private const int EnoughSteps = 20_000;
    private const int MostSteps = 100_000;

    // A rate below this fraction of the first one would make no progress.
    private const double LeastPart = 1e-10;

    private protected LinearTrainerOptions()
    {
    }

    /// <summary>The name of the label column. Default: "Label".</summary>
    public string LabelColumnName { get; set; } = Defaults.LabelColumnName;

    /// <summary>The name of the feature column, a known-size vector of <see cref="float"/>. Default: "Features".</summary>
    public string FeatureColumnName { get; set; } = Defaults.FeatureColumnName;

    /// <summary>
    /// The name of the example weight column, of type <see cref="float"/>, with values in [0, ∞). Null (the default) gives all rows the
    /// same weight. Weights are divided by their mean, so that only their ratios matter.
    /// </summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>
    /// Whether to standardise features and labels for training (the default). Each feature is centred and divided by its standard
    /// deviation over the training rows, both with the example weights. A feature of sparse rows that is zero in some rows is not centred:
    /// it is only divided by the root mean square of its nonzero values. The label of a regression is standardised too, except with the
    /// Poisson loss. The bias starts at the best constant prediction. The trained model takes the original features: weights, losses and
    /// metrics are in the original units. L1 and L2 apply to the weights of the standardised features, as in glmnet.
    /// </summary>
    public bool Standardize { get; set; } = true;

    /// <summary>
    /// The number of passes over the training rows, at least 1. Null (the default) for the number of epochs that 20,000 steps take, but at
    /// least 20 and at most 1,000. If 20 epochs have more than 100,000 steps, it is the number of epochs that 100,000 steps take, but at
    /// least 2.
    /// </summary>
    public int? NumberOfEpochs { get; set; }

    /// <summary>The number of rows in a minibatch, at least 1. The last minibatch of an epoch can have fewer rows. Default: 32.</summary>
    public int BatchSize { get; set; } = Defaults.BatchSize;

    /// <summary>
    /// The initial learning rate, in (0, ∞). With null (the default) the trainer chooses it: for SGD, one divided by the largest curvature
    /// of a minibatch, reduced for the effect of the momentum; 0.01 for Adam, AdamW and RMSprop; 0.1 for Adagrad. If training diverges
    /// with a rate that the trainer chose, it starts again with a tenth of the rate. In a search space from attributes the range is 1e-4
    /// to 1, log-uniform.
    /// </summary>
    [Range(1e-4, 1.0, 0.01, logBase: true)]
    public double? LearningRate { get; set; }

    /// <summary>
    /// The initial learning rate of the bias, in (0, ∞). Null (the default) for the same rate as <see cref="LearningRate"/>.
    /// </summary>
    public double? BiasLearningRate { get; set; }

    /// <summary>
    /// The learning rate schedule. With null (the default) the rate decreases linearly to zero over the whole run, minibatch by minibatch.
    /// For a constant rate use <c>LrSchedule.ConstantLR(factor: 1)</c>. The parameter groups are the weights and the bias, in this order.
    /// </summary>
    public LrSchedule? LearningRateSchedule { get; set; }

    /// <summary>
    /// The learning rate schedule of the bias. Null (the default) for the same schedule as <see cref="LearningRateSchedule"/>.
    /// </summary>
    public LrSchedule? BiasLearningRateSchedule { get; set; }

    /// <summary>
    /// The metric for schedules and early stopping that watch a metric but do not name one. Default: <see cref="Metric.ValidationLoss"/>.
    /// </summary>
    public Metric MonitoredMetric { get; set; } = Defaults.MonitoredMetric;

    /// <summary>
    /// The optimizer. Default: SGD without momentum. With sparse rows, Adam and AdamW are lazy, as PyTorch's <c>SparseAdam</c>, and so are
    /// the penalties of Adam, RMSprop and Adagrad.
    /// </summary>
    public Optimizer Optimizer { get; set; } = Optimizer.Sgd();

    /// <summary>
    /// λ in [0, 3.4e38] of the penalty λ · ‖weights‖₁, which does not apply to the bias. After each step of the optimizer, every weight
    /// moves towards zero by rate · λ; a weight that would pass zero becomes exactly zero. Default: 0.
    /// </summary>
    public double L1Regularization { get; set; }

    /// <summary>
    /// λ in [0, 3.4e38] of the penalty λ/2 · ‖weights‖², which does not apply to the bias. With null (the default) λ is 0 without
    /// <see cref="Standardize"/>, and otherwise i divided by the number of rows. Here i is the second derivative of the loss at the best
    /// constant scores: 2 for the squared loss, p · (1 − p) for the logistic loss. The penalty then has the information of one row (Kass
    /// and Wasserman, "A reference Bayesian test for nested hypotheses and its relationship to the Schwarz criterion", 1995). In a search
    /// space from attributes the range is 1e-8 to 0.1, log-uniform. For all optimizers except <see cref="Sgd"/>, which divide by the root
    /// of squared gradients, λ must be at most 1e15 divided by the learning rate.
    /// </summary>
    [Range(1e-8, 0.1, 1e-8, logBase: true)]
    public double? L2Regularization { get; set; }

    /// <summary>Gradient clipping, by norm and by value. Null (the default) for no clipping.</summary>
    public GradientClipping? GradientClipping { get; set; }

    /// <summary>
    /// Averages the weights of several epochs (SWA, or an exponential moving average). Null (the default) for no averaging.
    /// </summary>
    public WeightAveraging? Averaging { get; set; }

    /// <summary>Whether each epoch visits the rows in a new random order (the default) or in the order of the data.</summary>
    public bool Shuffle { get; set; } = true;

    /// <summary>
    /// The seed of the order of rows and of the choice of validation rows: the same seed gives the same model. Null (the default) draws a
    /// seed from the <see cref="MLContext"/>, which has its own seed.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>
    /// The fraction of the rows, in [0, 1), that is held out for validation. It has no effect if you pass validation data to <c>Fit</c>.
    /// Above 0, at least one row is held out, but never all rows. With a <see cref="SamplingKeyColumnName"/> it is the fraction of the
    /// values of that column. Default: 0.
    /// </summary>
    public double ValidationFraction { get; set; }

    /// <summary>Which rows <see cref="ValidationFraction"/> holds out. Default: rows at random positions in all of the data.</summary>
    public ValidationSplit ValidationSplit { get; set; }

    /// <summary>
    /// The column, of a scalar type, that groups rows for <see cref="ValidationFraction"/>: rows with the same value, such as the rows of
    /// a person or a day, are held out together. Null (the default) for independent rows. Source: <c>TrainTestSplit</c>.
    /// </summary>
    public string? SamplingKeyColumnName { get; set; }

    /// <summary>Early stopping, which ends training before all epochs are trained. Null (the default) for no early stopping.</summary>
    public EarlyStopping? EarlyStopping { get; set; }

    /// <summary>
    /// The engine that computes the training steps. Default: <see cref="TrainingEngine.Auto"/>, which is the fused engine on the CPU and
    /// Torch on any other device.
    /// </summary>
    public TrainingEngine Engine { get; set; }

    /// <summary>The device for training: "cpu" (the default), "cuda", or "cuda:N" for GPU number N.</summary>
    public string Device { get; set; } = Defaults.Device;

    /// <summary>
    /// The maximum size of the rows in memory, in megabytes (2^20 bytes), at least 1. Null (the default) for half of the memory that is
    /// available to the process. Further rows are written to a file in the temp folder, which is deleted when training ends. Rows in a
    /// file are visited in the order of the data and shuffled only within windows of about a megabyte.
    /// </summary>
    public int? MemoryLimitMB { get; set; }

    /// <summary>
    /// Where and when training writes checkpoints, and from which folder it resumes. Null (the default) for no checkpoints.
    /// </summary>
    public Checkpoints? Checkpoints { get; set; }

    /// <summary>
    /// What happens to rows with a missing (NaN) or infinite label, weight or feature. Default: they are skipped, with a warning.
    /// </summary>
    public InvalidRowPolicy InvalidRows { get; set; }

    /// <summary>
    /// Receives the progress after each epoch, on the training thread. Null (the default) for no reports. If it is also an
    /// <see cref="IProgress{T}"/> of <see cref="StopReason"/>, it receives the reason why training ended, also if <c>Fit</c> throws.
    /// </summary>
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Cancels training within one minibatch. Default: a token that is never cancelled.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What happens when training is cancelled. Default: <c>Fit</c> throws an <see cref="OperationCanceledException"/>.</summary>
    public CancellationMode Cancellation { get; set; }

    /// <summary>
    /// Returns the options as JSON, which <c>FromJson</c> of the same class reads. <see cref="Progress"/> and
    /// <see cref="CancellationToken"/> are omitted.
    /// </summary>
    /// <exception cref="NotSupportedException">A schedule contains a delegate.</exception>
    public string ToJson() => OptionsJson.Write(this);

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);

    /// <summary>The engine after resolving <see cref="TrainingEngine.Auto"/>.</summary>
    internal TrainingEngine ChosenEngine =>
        Engine != TrainingEngine.Auto ? Engine : Device == Defaults.Device ? TrainingEngine.Fused : TrainingEngine.Torch;

    /// <summary>
    /// Whether a training that diverged starts again with a tenth of its rate. It does so if the rate was computed from the rows, if it is
    /// not too small yet, and if the lower initial rate also lowered the rate of the step that diverged. A schedule that does not use the
    /// initial rate would only diverge again.
    /// </summary>
    /// <param name="rate">The initial rate of this training.</param>
    /// <param name="first">The initial rate that was computed from the rows.</param>
    /// <param name="at">The rate of the step in which it diverged.</param>
    /// <param name="before">The rate of the step in which the previous training diverged; infinite if there is none.</param>
    internal bool BeginsAgain(double rate, double first, double at, double before) =>
        LearningRate is null && OwnRates is null && at < before && rate > LeastPart * first;

    /// <summary>The settings of the schedules that set all rates; null where <see cref="LearningRate"/> has an effect.</summary>
    internal string? OwnRates => LrSchedule.OwnRatesOf(Schedules);

    /// <summary>
    /// Returns the initial rate of each parameter group. A group without a rate in the options gets <paramref name="rate"/>.
    /// </summary>
    internal double[] LearningRates(double rate) => [LearningRate ?? rate, BiasLearningRate ?? LearningRate ?? rate];

    /// <summary>Returns the number of epochs, for a number of steps per epoch.</summary>
    internal int EpochsFor(int stepsPerEpoch) =>
        NumberOfEpochs ?? Math.Min(Math.Clamp(EnoughSteps / stepsPerEpoch + 1, 20, 1000), Math.Max(2, MostSteps / stepsPerEpoch));

    /// <summary>The loss of the task.</summary>
    internal abstract Loss TrainingLoss { get; }

    /// <summary>The loss as text.</summary>
    internal string LossText => $"{TrainingLoss}";

    /// <summary>The metrics that are measured on the validation rows.</summary>
    internal abstract IReadOnlyList<Metric> ValidationMetrics { get; }

    /// <summary>
    /// The schedules with their metrics filled in: empty if the options have none, one for all parameter groups, or one per group.
    /// </summary>
    internal IReadOnlyList<LrSchedule?> Schedules => (LearningRateSchedule, BiasLearningRateSchedule) switch
    {
        (null, null) => [],
        ({ } all, null) => [all.Watching(MonitoredMetric)],
        var (weights, bias) => [weights?.Watching(MonitoredMetric), bias.Watching(MonitoredMetric)],
    };

    /// <summary>Returns a copy without checking the options.</summary>
    internal LinearTrainerOptions Copy() => (LinearTrainerOptions)MemberwiseClone();

    /// <summary>Returns a copy after checking the options.</summary>
    /// <exception cref="ArgumentException">An option is not valid. The message names it, its value and the allowed range.</exception>
    internal LinearTrainerOptions CheckedCopy()
    {
        // The copy is checked, so that the checked values cannot change afterwards.
        var copy = Copy();
        new OptionsCheck(copy).Run();
        return copy;
    }

    /// <summary>Returns the options as JSON, without schedules that contain a delegate, which exists only in memory.</summary>
    internal string ToJsonWithoutDelegates()
    {
        var copy = Copy();
        (copy.LearningRateSchedule, copy.BiasLearningRateSchedule) = (Written(LearningRateSchedule), Written(BiasLearningRateSchedule));
        return copy.ToJson();

        static LrSchedule? Written(LrSchedule? schedule) =>
            schedule is null || ScheduleKind.FunctionsOf(schedule).All(function => function.Expression is not null) ? schedule : null;
    }

    /// <summary>Checks the options that only this task has.</summary>
    internal virtual void CheckOwn()
    {
    }
}
