using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>How a silo works for sweeps.</summary>
/// <example>
/// <code>
/// var builder = Host.CreateApplicationBuilder();
/// builder.UseOrleans(silo => silo
///     .UseLocalhostClustering()
///     .AddLrSchedulingWorker(worker => worker.LeaseTime = TimeSpan.FromMinutes(5)));
/// </code>
/// </example>
public sealed class LrSchedulingWorkerOptions
{
    /// <summary>
    /// After how long without a sign of life the trials of a worker are given to another one, although its silo is not known to be dead;
    /// at least 3 seconds. A worker gives a sign three times as often. Default: 1 minute.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 3 seconds.</exception>
    public TimeSpan LeaseTime
    {
        get;
        set => field = value >= TimeSpan.FromSeconds(3) ? value
            : throw Argument.OutOfRange(nameof(LeaseTime), "at least 00:00:03", value);
    } = TimeSpan.FromMinutes(1);
}
