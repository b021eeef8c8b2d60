using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// The silos of an Orleans cluster that are workers, by <c>AddLrSchedulingWorker</c>. Trials travel as JSON, rows as files.
/// </summary>
/// <param name="client">The cluster.</param>
/// <remarks>
/// Options with a delegate are refused with an <see cref="InvalidOperationException"/>, since no code travels; an expression, such as
/// <c>LrSchedule.LambdaLR("0.95 ** epoch")</c>, does.
/// </remarks>
/// <example>
/// <code>
/// var sweep = new SweepOptions { Workers = new OrleansWorkers(client) { Folder = "/shared/rows" } };
/// </code>
/// </example>
public sealed class OrleansWorkers(IClusterClient client) : SweepWorkers
{
    /// <summary>The cluster.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public IClusterClient Client { get; } = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>
    /// The name of the study. A sweep of the same name on the same rows joins one that is under way, or goes on from one whose process
    /// has died; trials that are the same are trained once. Null (the default) for the trainer and a hash of the rows.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public string? Study
    {
        get;
        init => field = value is not "" ? value : throw Argument.Invalid(nameof(Study), "be a name", "an empty one");
    }

    /// <summary>
    /// The folder for the rows, which the sweep writes there once, as <c>SaveAsBinary</c> does, with the transformer of the features, and
    /// deletes in the end. All machines must see it under the same path. Default: a folder for temporary files, which one machine sees.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty, or no path.</exception>
    public string Folder
    {
        get;
        init => field = Argument.Path(value, nameof(Folder));
    } = Path.Combine(Path.GetTempPath(), "lrscheduling-rows");

    /// <summary>
    /// Whether batches are cut near the end, so that no worker is left without trials: into ⌈waiting / idle workers⌉ trials, rounded up to
    /// sixteen. Trials that train in fewer come to the same but for the last bits. Batches of at most sixteen, by
    /// <see cref="SweepOptions.TrialsTogether"/>, are never cut. Default: true.
    /// </summary>
    public bool SharesOut { get; init; } = true;

    /// <summary>
    /// How many batches wait or train at a time, at least 1; more than there are workers, so that none of these waits. Default: 256.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int BatchesAtOnce { get; init => field = Argument.AtLeast(value, 1, nameof(BatchesAtOnce)); } = 256;

    /// <summary>
    /// How long a sweep asks a cluster that does not answer, more than zero; then it ends with an
    /// <see cref="InvalidOperationException"/>. Default: 5 minutes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan LongestSilence
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw Argument.OutOfRange(nameof(LongestSilence), "more than zero", value);
    } = TimeSpan.FromMinutes(5);

    /// <summary>The name of the study, in a line.</summary>
    public override string ToString() => $"{nameof(OrleansWorkers)}{(Study is null ? "" : $" {{ Study = {Study} }}")}";

    internal override ISweepWorker WorkerFor(
        InProcessWorker local, SweepData data, SweepOptions options, Cancellation cancellation) =>
        new ClusterSweepWorker(this, local, data, options, cancellation);
}
