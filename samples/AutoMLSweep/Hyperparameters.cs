using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.SearchSpace;

namespace AutoMLSweep;

/// <summary>What is to be found out: AutoML's tuners read the attributes, and so does a sweep.</summary>
internal sealed class Hyperparameters
{
    public const int Epochs = 20;

    [Range(1e-3, 0.1, 0.01, logBase: true)]
    public double LearningRate { get; set; } = 0.01;

    [NestOption]
    public ScheduleHyperparameters Schedule { get; set; } = new();

    /// <summary>The options of a trainer with these hyperparameters.</summary>
    public TorchLinearRegressionTrainer.Options ToOptions() => new()
    {
        LabelColumnName = "Price", NumberOfEpochs = Epochs, ValidationFraction = 0.1, Seed = 1,
        LearningRate = LearningRate, LearningRateSchedule = Schedule.ToSchedule(),
    };
}

/// <summary>A schedule as numbers, of which each kind uses its own.</summary>
internal sealed class ScheduleHyperparameters
{
    [Choice("line", "constant", "step", "exponential", "cosine", "plateau")]
    public string Kind { get; set; } = "line";

    [Range(2, 10, 5)]
    public int StepSize { get; set; } = 5;

    [Range(0.1, 0.9, 0.5)]
    public double Gamma { get; set; } = 0.5;

    public LrSchedule? ToSchedule() => Kind switch
    {
        "constant" => LrSchedule.ConstantLR(factor: 1),
        "step" => LrSchedule.StepLR(StepSize, Gamma),
        "exponential" => LrSchedule.ExponentialLR(Gamma),
        "cosine" => LrSchedule.CosineAnnealingLR(tMax: Hyperparameters.Epochs),
        "plateau" => LrSchedule.ReduceLROnPlateau(factor: Gamma, patience: 1),
        _ => null,
    };
}
