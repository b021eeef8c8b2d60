using System.ComponentModel;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Engines;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Averages the weights of several epochs. After epoch <c>StartEpoch + k</c>, the averaged weights are <c>aₖ = aₖ₋₁ + (wₖ − aₖ₋₁) / k</c>,
/// the mean of all epochs, or with a decay d <c>aₖ = d · aₖ₋₁ + (1 − d) · wₖ</c>; in both cases <c>a₁ = w₁</c>. The metrics, early
/// stopping and the final model use the averaged weights. Training itself continues from the weights that are not averaged. An immutable
/// configuration. Source: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018; PyTorch's
/// <c>torch.optim.swa_utils.AveragedModel</c> with <c>get_swa_avg_fn</c> and <c>get_ema_avg_fn</c>, updated after each epoch.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options
/// {
///     NumberOfEpochs = 20,
///     LearningRateSchedule = LrSchedule.SequentialLR(
///         [LrSchedule.CosineAnnealingLR(tMax: 15), LrSchedule.SWALR(swaLr: 0.05)], milestones: [15]),
///     Averaging = new WeightAveraging { StartEpoch = 15 },
/// };
/// </code>
/// </example>
[TypeConverter(typeof(SettingsConverter))]
public sealed record WeightAveraging
{
    /// <summary>
    /// The number of epochs before the first epoch that is averaged, at least 0 (the default). Until then the weights are not averaged.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int StartEpoch { get; init => field = Argument.AtLeast(value, 0, "startEpoch"); }

    /// <summary>
    /// The decay d of an exponential moving average (EMA), in (0, 1); null (the default) for the mean of all epochs (SWA).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in (0, 1), or NaN.</exception>
    public double? Decay { get; init => field = value is { } decay ? Argument.Fraction(decay, "decay") : null; }

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);

    /// <summary>Returns the weights to keep after an epoch.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="kept">The weights that were kept after the previous epoch; null if there are none.</param>
    /// <param name="weights">The weights after the epoch.</param>
    internal LinearWeights After(int epoch, LinearWeights? kept, LinearWeights weights)
    {
        if (epoch <= StartEpoch + 1 || kept is null) return weights;
        var share = Decay is { } decay ? 1 - decay : 1.0 / (epoch - StartEpoch);
        return new LinearWeights(Mean(kept.Weights, weights.Weights), Mean(kept.Biases, weights.Biases));

        float[] Mean(float[] before, float[] now)
        {
            var mean = new float[now.Length];
            for (var i = 0; i < mean.Length; i++) mean[i] = (float)(before[i] + share * ((double)now[i] - before[i]));
            return mean;
        }
    }
}
