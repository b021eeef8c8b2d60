using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.LrScheduling.Orleans;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Extension methods that make an Orleans silo a worker of sweeps.</summary>
/// <example>
/// <code>
/// var builder = Host.CreateApplicationBuilder();
/// builder.UseOrleans(silo => silo.UseLocalhostClustering().AddLrSchedulingWorker());
/// using var worker = builder.Build();
/// </code>
/// </example>
public static class LrSchedulingSiloBuilderExtensions
{
    /// <summary>The name of the grain storage of sweeps.</summary>
    public const string StorageName = "LrScheduling";

    private const string MemoryName = StorageName + ".Memory";

    /// <summary>
    /// Makes the silo a worker: it trains the trials of the sweeps that clients submit to the cluster, one batch at a time, on a separate
    /// thread.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Configures the worker; null for the defaults.</param>
    /// <remarks>
    /// Sweeps keep their state in the grain storage <see cref="StorageName"/>. If there is no storage of this name, they use the storage
    /// Default. If there is no such storage either, they use the memory of the cluster: trials whose results were on a silo that died are
    /// then trained again. The silo listens only on the loopback address, unless <c>ConfigureEndpoints</c> sets another address. The
    /// method also shortens two <c>ClusterMembershipOptions</c> that still have Orleans' defaults: <c>ProbeTimeout</c> to 2 seconds and
    /// <c>IAmAliveTablePublishTimeout</c> to 5 seconds.
    /// </remarks>
    public static ISiloBuilder AddLrSchedulingWorker(this ISiloBuilder builder, Action<LrSchedulingWorkerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        // The silo listens on loopback only, unless ConfigureEndpoints is called, before or after this method.
        services.Configure<EndpointOptions>(endpoints => endpoints.AdvertisedIPAddress ??= IPAddress.Loopback);
        services.PostConfigure<ClusterMembershipOptions>(HearOfDeathsSoon);
        services.AddOptions<LrSchedulingWorkerOptions>().Configure(options => configure?.Invoke(options));
        if (!services.Any(service => service.ServiceType == typeof(IGrainStorage) && StorageName.Equals(service.ServiceKey)))
            services.AddKeyedSingleton<IGrainStorage>(StorageName, (provider, _) =>
                provider.GetKeyedService<IGrainStorage>("Default") ?? provider.GetRequiredKeyedService<IGrainStorage>(MemoryName));
        builder.AddMemoryGrainStorage(MemoryName);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, WorkerLoop>();
        return builder;
    }

    // A dead worker's trials are returned after three missed probes. If no silo is left to probe it, new silos wait for three missed signs
    // of life.
    private static void HearOfDeathsSoon(ClusterMembershipOptions membership)
    {
        var unchanged = new ClusterMembershipOptions();
        if (membership.ProbeTimeout == unchanged.ProbeTimeout) membership.ProbeTimeout = TimeSpan.FromSeconds(2);
        if (membership.IAmAliveTablePublishTimeout == unchanged.IAmAliveTablePublishTimeout)
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
    }
}
