using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.LrScheduling.Orleans;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Two silos in this process, which are workers.</summary>
internal static class EmbeddedCluster
{
    /// <summary>Starts it.</summary>
    /// <param name="storage">What its grains keep.</param>
    /// <param name="cancellation">Ends starting.</param>
    /// <param name="isAtWork">Whether the silos take trials.</param>
    /// <param name="configure">Configures the workers; null for the defaults.</param>
    public static async Task<InProcessTestCluster> StartAsync(
        SharedStorage storage, CancellationToken cancellation, bool isAtWork = true,
        Action<LrSchedulingWorkerOptions>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddKeyedSingleton<IGrainStorage>(LrSchedulingSiloBuilderExtensions.StorageName, storage);
            // A silo that dies is known to be dead after some seconds, and one on a busy machine is not taken for dead.
            silo.Configure<ClusterMembershipOptions>(membership =>
                (membership.ProbeTimeout, membership.NumMissedProbesLimit) = (TimeSpan.FromSeconds(3), 3));
            silo.AddLrSchedulingWorker(configure);
            if (!isAtWork) silo.Services.Remove(silo.Services.Single(service => service.ImplementationType == typeof(WorkerLoop)));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync(cancellation);
        return cluster;
    }
}
