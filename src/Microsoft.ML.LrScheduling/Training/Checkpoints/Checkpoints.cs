using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Where and when training writes checkpoints, from which <c>Fit</c> goes on with the same options and rows: to the same weights and the
/// same history, bit for bit, as without the interruption (times aside).
/// </summary>
/// <remarks>
/// A checkpoint is written to a temporary file, flushed to the disk and renamed, so that there is never a moment without a good one; a
/// checksum tells a damaged one, and the one before it is used. One is also written when training ends or is cancelled. A folder is for
/// one training: other options or rows are an error, and nothing is overwritten.
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
    /// The folder, which is made where there is none. A relative one is that of the moment when training begins. What is in it under names
    /// that training does not write is left alone.
    /// </summary>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    public required string Folder { get; init => field = Argument.Path(value, "folder"); }

    /// <summary>After how many epochs one is written, at least 1; null for not by epochs. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? EveryEpochs { get; init => field = value is { } epochs ? Argument.AtLeast(epochs, 1, "everyEpochs") : null; } = 1;

    /// <summary>
    /// After how much time one is written, also in the midst of an epoch, more than zero; null (the default) for not by time.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? Every
    {
        get;
        init => field = value is not { } time || time > TimeSpan.Zero ? value : throw Argument.OutOfRange("every", "more than zero", time);
    }

    /// <summary>How many are kept, at least 1: the newest. Default: 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Keep { get; init => field = Argument.AtLeast(value, 1, "keep"); } = 2;

    /// <summary>The type, and the settings that are not at their defaults, in a line.</summary>
    public override string ToString() => PropertyText.Of(this);
}
