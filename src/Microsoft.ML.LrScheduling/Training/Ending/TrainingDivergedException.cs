using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The exception for training that diverged: the loss or a weight became NaN or infinite, or the loss became more than a thousand times
/// the largest loss of a row before the first step. Usually the learning rate is too high.
/// </summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(
        int epoch, int step, double learningRate, double loss, LinearWeights? lastGood, TrainingHistory history)
        : base(history.Divergence)
    {
        (Epoch, Step, LearningRate, Loss, History) = (epoch, step, learningRate, loss, history);
        (LastGoodWeights, LastGoodBiases) = ([.. lastGood?.Weights ?? []], [.. lastGood?.Biases ?? []]);
    }

    /// <summary>The epoch in which training diverged, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The minibatch of the epoch in which training diverged, from 1.</summary>
    public int Step { get; }

    /// <summary>The learning rate of the weights in that step.</summary>
    public double LearningRate { get; }

    /// <summary>The mean loss of the minibatch.</summary>
    public double Loss { get; }

    /// <summary>
    /// The weights after the last complete epoch, row-major: outputs · features. Empty if training diverged in the first epoch.
    /// </summary>
    public ValueList<float> LastGoodWeights { get; }

    /// <summary>The biases after the last complete epoch, one per output. Empty if training diverged in the first epoch.</summary>
    public ValueList<float> LastGoodBiases { get; }

    /// <summary>The history of the complete epochs before training diverged.</summary>
    public TrainingHistory History { get; }
}
