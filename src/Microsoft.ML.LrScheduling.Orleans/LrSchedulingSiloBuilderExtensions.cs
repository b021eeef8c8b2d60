using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.LrScheduling.Orleans;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Makes a silo of Orleans a worker of sweeps.</summary>
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
    /// Has a silo train trials of the sweeps that the cluster is asked for, a batch at a time, on a thread of its own.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes how it works; null for the defaults.</param>
    /// <remarks>
    /// What sweeps keep goes to the grain storage <see cref="StorageName"/>; where there is none of this name to the one that is called
    /// Default; else into the memory of the cluster, where what a silo had that dies is trained again.
    /// The silo listens on loopback only, unless <c>ConfigureEndpoints</c> names another address. Of <c>ClusterMembershipOptions</c> that
    /// are as Orleans has them <c>ProbeTimeout</c> becomes 2 seconds and <c>IAmAliveTablePublishTimeout</c> 5 seconds.
    /// </remarks>
    public static ISiloBuilder AddLrSchedulingWorker(this ISiloBuilder builder, Action<LrSchedulingWorkerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        // Nothing is heard beyond this machine unless ConfigureEndpoints says so, before or after.
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

    // Three missed probes, or three missed signs of life where no silo is left to probe, bring the trials of a dead worker back.
    private static void HearOfDeathsSoon(ClusterMembershipOptions membership)
    {
        var unchanged = new ClusterMembershipOptions();
        if (membership.ProbeTimeout == unchanged.ProbeTimeout) membership.ProbeTimeout = TimeSpan.FromSeconds(2);
        if (membership.IAmAliveTablePublishTimeout == unchanged.IAmAliveTablePublishTimeout)
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
    }
}
