using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The options of a silo that is a worker of sweeps.</summary>
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
    /// The time without a heartbeat after which the trials of a worker go to another worker, even if its silo is not known to be dead; at
    /// least 3 seconds. A worker sends three heartbeats in this time. Default: 1 minute.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 3 seconds.</exception>
    public TimeSpan LeaseTime
    {
        get;
        set => field = value >= TimeSpan.FromSeconds(3) ? value
            : throw Argument.OutOfRange(nameof(LeaseTime), "at least 00:00:03", value);
    } = TimeSpan.FromMinutes(1);
}
