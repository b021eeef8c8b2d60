using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Where and when training writes checkpoints. <c>Fit</c> with the same options and rows resumes from the newest checkpoint. The weights
/// and the history are then the same, bit for bit, as without the interruption, except for the times.
/// </summary>
/// <remarks>
/// A checkpoint is written to a temporary file, flushed to disk and renamed, so that there is always a valid checkpoint. A checksum
/// detects a damaged checkpoint, and the previous one is used instead. A checkpoint is also written when training ends or is cancelled.
/// Use a separate folder for each training: with different options or rows <c>Fit</c> throws an exception and overwrites nothing.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options
/// {
///     Seed = 1,
///     Checkpoints = new Checkpoints { Folder = "checkpoints", EveryEpochs = 5 },
/// };
/// mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(trainData);
/// // The same again, after the process has died too, goes on from the last checkpoint.
/// </code>
/// </example>
[TypeConverter(typeof(CheckpointsTypeConverter))]
public sealed record Checkpoints
{
    /// <summary>
    /// The folder. It is created if it does not exist. A relative path is resolved when training starts. Other files in the folder are not
    /// changed.
    /// </summary>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    public required string Folder { get; init => field = Argument.Path(value, "folder"); }

    /// <summary>The number of epochs between two checkpoints, at least 1; null for no checkpoints by epoch. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? EveryEpochs { get; init => field = value is { } epochs ? Argument.AtLeast(epochs, 1, "everyEpochs") : null; } = 1;

    /// <summary>
    /// The time between two checkpoints, more than zero; null (the default) for no checkpoints by time. They can also be written within an
    /// epoch.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? Every
    {
        get;
        init => field = value is not { } time || time > TimeSpan.Zero ? value : throw Argument.OutOfRange("every", "more than zero", time);
    }

    /// <summary>The number of newest checkpoints to keep, at least 1. Default: 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Keep { get; init => field = Argument.AtLeast(value, 1, "keep"); } = 2;

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);
}
