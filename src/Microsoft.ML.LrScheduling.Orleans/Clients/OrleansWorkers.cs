using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// The workers of an Orleans cluster: the silos that called <c>AddLrSchedulingWorker</c>. Trials are sent as JSON, rows as files.
/// </summary>
/// <param name="client">The client of the cluster.</param>
/// <remarks>
/// Options with a delegate cause an <see cref="InvalidOperationException"/>, since code cannot be sent. Use an expression instead, such as
/// <c>LrSchedule.LambdaLR("0.95 ** epoch")</c>. So do features with a transformer that cannot be saved: apply it to the rows before the
/// sweep. A trial that fails on three workers, or three times on the only one, ends with <see cref="StopReason.Failed"/>.
/// </remarks>
/// <example>
/// <code>
/// var sweep = new SweepOptions { Workers = new OrleansWorkers(client) { Folder = "/shared/rows" } };
/// </code>
/// </example>
public sealed class OrleansWorkers(IClusterClient client) : SweepWorkers
{
    /// <summary>The client of the cluster.</summary>
    /// <exception cref="ArgumentNullException">The client is null.</exception>
    public IClusterClient Client { get; } = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>
    /// The name of the study. A sweep with the same name and rows joins a running sweep, or continues a sweep whose process died. Equal
    /// trials are trained only once. Null (the default) for a name from the trainer and a hash of the rows.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public string? Study
    {
        get;
        init => field = value is not "" ? value : throw Argument.Invalid(nameof(Study), "be a name", "an empty one");
    }

    /// <summary>
    /// The folder for the files with the rows. The sweep writes the rows there once, in the format of <c>SaveAsBinary</c>, with the
    /// transformer of the features, and deletes the files at the end. All machines must see the folder under the same path. Default: a
    /// folder for temporary files, which works only on a single machine.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty or not a valid path.</exception>
    public string Folder
    {
        get;
        init => field = Argument.Path(value, nameof(Folder));
    } = Path.Combine(Path.GetTempPath(), "lrscheduling-rows");

    /// <summary>
    /// Whether batches are split near the end of the sweep, so that no worker is idle: into parts of ⌈waiting trials / idle workers⌉
    /// trials, rounded up to a multiple of 16. The results of a split batch are the same except for the last bits. If
    /// <see cref="SweepOptions.TrialsTogether"/> is at most 16, batches are never split. Default: true.
    /// </summary>
    public bool SharesOut { get; init; } = true;

    /// <summary>
    /// The maximum number of batches that wait or train at the same time, at least 1. Use more than the number of workers, so that no
    /// worker is idle. Default: 256.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int BatchesAtOnce { get; init => field = Argument.AtLeast(value, 1, nameof(BatchesAtOnce)); } = 256;

    /// <summary>
    /// The time for which a sweep retries if the cluster does not answer, more than zero. After this time the sweep throws an
    /// <see cref="InvalidOperationException"/>. Default: 5 minutes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan LongestSilence
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw Argument.OutOfRange(nameof(LongestSilence), "more than zero", value);
    } = TimeSpan.FromMinutes(5);

    /// <summary>Returns the type and the name of the study, on one line.</summary>
    public override string ToString() => $"{nameof(OrleansWorkers)}{(Study is null ? "" : $" {{ Study = {Study} }}")}";

    internal override ISweepWorker WorkerFor(
        InProcessWorker local, SweepData data, SweepOptions options, Action<string> note, Cancellation cancellation) =>
        new ClusterSweepWorker(this, local, data, options, note, cancellation);
}
