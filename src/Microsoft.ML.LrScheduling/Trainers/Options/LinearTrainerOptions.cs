using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The options that all trainers share. A trainer takes a copy when it is made, and checks it.</summary>
public abstract class LinearTrainerOptions
{
    private const int EnoughSteps = 20_000;
    private const int MostSteps = 100_000;

    // A rate that is so much lower would not come anywhere.
    private const double LeastPart = 1e-10;

    private protected LinearTrainerOptions()
    {
    }

    /// <summary>The column to predict. Default: "Label".</summary>
    public string LabelColumnName { get; set; } = Defaults.LabelColumnName;

    /// <summary>The column of features, a known-size vector of <see cref="float"/>. Default: "Features".</summary>
    public string FeatureColumnName { get; set; } = Defaults.FeatureColumnName;

    /// <summary>
    /// The column of example weights, <see cref="float"/>, each in [0, ∞); null (the default) weighs all rows alike. Weights are
    /// divided by their mean, so that only how they compare counts.
    /// </summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>
    /// Whether training happens on features and labels of one scale (the default). Each feature is centred and divided by its standard
    /// deviation, both weighted, over the training rows. Of sparse rows a feature that is zero in some of them is only divided, by
    /// the root mean square of its values that are not zero. The label of a regression is standardised, for all losses but Poisson's. The
    /// bias begins at the best constant. What comes out is for features and labels as they came: weights, losses and metrics are in their
    /// own units. L1 and L2 act on the weights of one scale, as in glmnet.
    /// </summary>
    public bool Standardize { get; set; } = true;

    /// <summary>
    /// The passes over the training rows, at least 1; null (the default) for as many as 20,000 steps take, but at least 20 and at most
    /// 1,000; and where 20 are more than 100,000 steps, as many as those take, but at least 2.
    /// </summary>
    public int? NumberOfEpochs { get; set; }

    /// <summary>The rows of a minibatch, at least 1; the last one of an epoch may have fewer. Default: 32.</summary>
    public int BatchSize { get; set; } = Defaults.BatchSize;

    /// <summary>
    /// The initial learning rate, in (0, ∞); null (the default) for one that follows from the rows: for SGD one over the largest
    /// curvature that a minibatch meets, less what momentum adds up to; for Adam, AdamW and RMSprop 0.01, for Adagrad 0.1. If training
    /// diverges with such a rate, it begins again with a tenth of it. To a search space made of attributes it is between 1e-4 and 1, by
    /// its logarithm.
    /// </summary>
    [Range(1e-4, 1.0, 0.01, logBase: true)]
    public double? LearningRate { get; set; }

    /// <summary>
    /// The initial learning rate of the bias, in (0, ∞); null (the default) for the same as <see cref="LearningRate"/>.
    /// </summary>
    public double? BiasLearningRate { get; set; }

    /// <summary>
    /// How the learning rate changes; null (the default) lets it fall to zero in a straight line, minibatch by minibatch, over the whole
    /// run. A constant rate is <c>LrSchedule.ConstantLR(factor: 1)</c>. The parameter groups are the weights and the bias, in this order.
    /// </summary>
    public LrSchedule? LearningRateSchedule { get; set; }

    /// <summary>How the learning rate of the bias changes; null (the default) for as <see cref="LearningRateSchedule"/> says.</summary>
    public LrSchedule? BiasLearningRateSchedule { get; set; }

    /// <summary>
    /// The metric that a schedule or early stopping watches which watches one and does not name it. Default:
    /// <see cref="Metric.ValidationLoss"/>.
    /// </summary>
    public Metric MonitoredMetric { get; set; } = Metric.ValidationLoss;

    /// <summary>
    /// How a gradient becomes an update. Default: SGD without momentum. Where rows are kept sparse, Adam and AdamW are lazy, as PyTorch's
    /// <c>SparseAdam</c> is, and so are the penalties of Adam, RMSprop and Adagrad.
    /// </summary>
    public Optimizer Optimizer { get; set; } = Optimizer.Sgd();

    /// <summary>
    /// λ in [0, 3.4e38] of the penalty λ · ‖weights‖₁, which the bias is free of. After each step of the optimizer every weight
    /// comes nearer to zero by rate · λ, and is exactly zero where that goes past it. Default: 0.
    /// </summary>
    public double L1Regularization { get; set; }

    /// <summary>
    /// λ in [0, 3.4e38] of the penalty λ/2 · ‖weights‖², which the bias is free of; null (the default) for as much as one row
    /// tells of the weights, where features are of one scale (see <see cref="Standardize"/>), else 0: that is i over the number of rows,
    /// where i is the loss's second derivative with the best constant scores (2 for squared loss, p · (1 − p) for logistic loss; Kass
    /// and Wasserman, "A reference Bayesian test for nested hypotheses and its relationship to the Schwarz criterion", 1995). To a search
    /// space made of attributes it is between 1e-8 and 0.1, by its logarithm. Of optimizers that divide by the root of squared gradients,
    /// which are all but <see cref="Sgd"/>, training refuses one that is more than 1e15 over the learning rate.
    /// </summary>
    [Range(1e-8, 0.1, 1e-8, logBase: true)]
    public double? L2Regularization { get; set; }

    /// <summary>The limits of gradients, by norm and by value; null (the default) for none.</summary>
    public GradientClipping? GradientClipping { get; set; }

    /// <summary>
    /// Keeps the average of the weights after some epochs in place of the last ones (SWA, or an exponential average); null (the default)
    /// for none.
    /// </summary>
    public WeightAveraging? Averaging { get; set; }

    /// <summary>Whether each epoch visits the rows in a new random order (the default) or in that of the data.</summary>
    public bool Shuffle { get; set; } = true;

    /// <summary>
    /// What the order of rows and the choice of validation rows follow from: the same seed gives the same model. Null (the default) draws
    /// it from the <see cref="MLContext"/>, which has a seed of its own.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>
    /// The part of the rows, in [0, 1), that is held back for validation when <c>Fit</c> is given no validation data, which goes before.
    /// Above 0 it is at least one row, and not all. With a <see cref="SamplingKeyColumnName"/> it is the part of the column's values.
    /// Default: 0.
    /// </summary>
    public double ValidationFraction { get; set; }

    /// <summary>Which rows <see cref="ValidationFraction"/> holds back. Default: some from all of the data, at random.</summary>
    public ValidationSplit ValidationSplit { get; set; }

    /// <summary>
    /// The column, of a single value, whose equal values are held back together by <see cref="ValidationFraction"/>: the rows of a
    /// person, or of a day. Null (the default) for rows that have nothing to do with each other. Source: <c>TrainTestSplit</c>.
    /// </summary>
    public string? SamplingKeyColumnName { get; set; }

    /// <summary>When to end before all epochs are trained; null (the default) for never.</summary>
    public EarlyStopping? EarlyStopping { get; set; }

    /// <summary>
    /// What does the arithmetic. Default: <see cref="TrainingEngine.Auto"/>, which is the fused engine on the CPU and Torch on another
    /// device.
    /// </summary>
    public TrainingEngine Engine { get; set; }

    /// <summary>Where it is done: "cpu" (the default), "cuda" or "cuda:N", the GPU of number N.</summary>
    public string Device { get; set; } = Defaults.Device;

    /// <summary>
    /// How many megabytes (of 2^20 bytes) of rows are held in memory, at least 1; null (the default) for half of what the process may
    /// have. What is more goes to a file in the temp folder, which is deleted when training ends. Rows in a file are visited in the order
    /// of the data, and only shuffled within windows of about a megabyte.
    /// </summary>
    public int? MemoryLimitMB { get; set; }

    /// <summary>Where and when checkpoints are written, and gone on from; null (the default) for none.</summary>
    public Checkpoints? Checkpoints { get; set; }

    /// <summary>
    /// What becomes of rows whose label, weight or a feature is missing (NaN) or infinite. Default: they are left out, with a warning.
    /// </summary>
    public InvalidRowPolicy InvalidRows { get; set; }

    /// <summary>Told of each epoch, on the thread that trains; null (the default) for nobody.</summary>
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends training within one minibatch. Default: never.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What becomes of training that is cancelled. Default: <c>Fit</c> throws <see cref="OperationCanceledException"/>.</summary>
    public CancellationMode Cancellation { get; set; }

    /// <summary>
    /// The options as JSON, which the <c>FromJson</c> of the same class reads. <see cref="Progress"/> and <see cref="CancellationToken"/>
    /// are left out.
    /// </summary>
    /// <exception cref="NotSupportedException">A schedule holds a delegate.</exception>
    public string ToJson() => OptionsJson.Write(this);

    /// <summary>The type, and the settings that are not at their defaults, in a line.</summary>
    public override string ToString() => PropertyText.Of(this);

    /// <summary>The engine that <see cref="Engine"/> stands for.</summary>
    internal TrainingEngine ChosenEngine =>
        Engine != TrainingEngine.Auto ? Engine : Device == Defaults.Device ? TrainingEngine.Fused : TrainingEngine.Torch;

    /// <summary>
    /// Whether training that has diverged begins again with a tenth of its rate: where that followed from the rows, has a way to go, and
    /// was what the step had. A schedule that has rates of its own would diverge again.
    /// </summary>
    /// <param name="rate">The initial rate that it had.</param>
    /// <param name="first">The initial rate that followed from the rows.</param>
    /// <param name="at">The rate of the step in which it diverged.</param>
    /// <param name="before">The rate of the step in which it diverged the time before.</param>
    internal bool BeginsAgain(double rate, double first, double at, double before) =>
        LearningRate is null && at < before && rate > LeastPart * first;

    /// <summary>The initial rate of each group, where the options do not name one this one.</summary>
    internal double[] LearningRates(double rate) => [LearningRate ?? rate, BiasLearningRate ?? LearningRate ?? rate];

    /// <summary>The passes over the training rows, where an epoch has so many steps.</summary>
    internal int EpochsFor(int stepsPerEpoch) =>
        NumberOfEpochs ?? Math.Min(Math.Clamp(EnoughSteps / stepsPerEpoch + 1, 20, 1000), Math.Max(2, MostSteps / stepsPerEpoch));

    /// <summary>The loss of the task.</summary>
    internal abstract Loss TrainingLoss { get; }

    /// <summary>What is measured over validation rows.</summary>
    internal abstract IReadOnlyList<Metric> ValidationMetrics { get; }

    /// <summary>
    /// The schedules with their metrics filled in: none where the options name none, one for all parameter groups, or one a group.
    /// </summary>
    internal IReadOnlyList<LrSchedule?> Schedules => (LearningRateSchedule, BiasLearningRateSchedule) switch
    {
        (null, null) => [],
        ({ } all, null) => [all.Watching(MonitoredMetric)],
        var (weights, bias) => [weights?.Watching(MonitoredMetric), bias.Watching(MonitoredMetric)],
    };

    /// <summary>A copy, whether or not the options hold.</summary>
    internal LinearTrainerOptions Copy() => (LinearTrainerOptions)MemberwiseClone();

    /// <summary>A copy of options that hold.</summary>
    /// <exception cref="ArgumentException">An option does not hold; the message names it, its value and what is allowed.</exception>
    internal LinearTrainerOptions CheckedCopy()
    {
        // What is checked is what is kept, whoever changes the options meanwhile.
        var copy = Copy();
        new OptionsCheck(copy).Run();
        return copy;
    }

    /// <summary>The options as JSON, without each schedule that no file can hold, since a delegate lives in memory alone.</summary>
    internal string ToJsonWithoutDelegates()
    {
        var copy = Copy();
        (copy.LearningRateSchedule, copy.BiasLearningRateSchedule) = (Written(LearningRateSchedule), Written(BiasLearningRateSchedule));
        return copy.ToJson();

        static LrSchedule? Written(LrSchedule? schedule) =>
            schedule is null || ScheduleKind.FunctionsOf(schedule).All(function => function.Expression is not null) ? schedule : null;
    }

    /// <summary>Refuses options of the task that do not hold.</summary>
    internal virtual void CheckOwn()
    {
    }
}
