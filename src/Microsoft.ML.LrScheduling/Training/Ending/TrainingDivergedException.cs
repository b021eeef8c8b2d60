using System.Globalization;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Training was given up because the loss or a weight became NaN or infinite, or the loss more than a thousand times what it is before
/// anything has been learned; most often the learning rate is too high.
/// </summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(
        int epoch, int step, int stepsPerEpoch, double learningRate, double loss, LinearWeights? lastGood, TrainingHistory history,
        string advice)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"Training diverged in epoch {epoch}, step {step} of {stepsPerEpoch}: the loss became {loss:G5} at a learning rate of "
            + $"{learningRate:G5}. {advice}"))
    {
        (Epoch, Step, LearningRate, Loss, History) = (epoch, step, learningRate, loss, history);
        (LastGoodWeights, LastGoodBiases) = ([.. lastGood?.Weights ?? []], [.. lastGood?.Biases ?? []]);
    }

    /// <summary>The epoch in which it happened, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The minibatch of the epoch, from 1.</summary>
    public int Step { get; }

    /// <summary>The learning rate of the weights in that step.</summary>
    public double LearningRate { get; }

    /// <summary>The mean loss of the minibatch.</summary>
    public double Loss { get; }

    /// <summary>The weights after the last whole epoch, row-major: outputs · features; empty in the first epoch.</summary>
    public ValueList<float> LastGoodWeights { get; }

    /// <summary>The biases after the last whole epoch, one an output; empty in the first epoch.</summary>
    public ValueList<float> LastGoodBiases { get; }

    /// <summary>The whole epochs before the one that diverged.</summary>
    public TrainingHistory History { get; }
}
