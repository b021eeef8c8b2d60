using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.ML.LrScheduling.Orleans;
using Orleans.Configuration;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>What the options of a worker's silo bring about.</summary>
[TestClass]
public sealed class WorkerSiloTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void A_worker_listens_on_loopback_only_unless_it_is_given_an_address()
    {
        var (own, other) = (Endpoints(_ => { }, _ => { }), IPAddress.Parse("192.0.2.1"));
        // Without listening endpoints, Orleans listens at the address that it advertises.
        Assert.AreEqual(
            (IPAddress.Loopback, null, null), (own.AdvertisedIPAddress, own.SiloListeningEndpoint, own.GatewayListeningEndpoint));
        Assert.AreEqual(other, Endpoints(Configure, _ => { }).AdvertisedIPAddress);
        Assert.AreEqual(other, Endpoints(_ => { }, Configure).AdvertisedIPAddress);

        void Configure(ISiloBuilder silo) => silo.ConfigureEndpoints(other, siloPort: 11111, gatewayPort: 30000);

        static EndpointOptions Endpoints(Action<ISiloBuilder> before, Action<ISiloBuilder> after) => OptionsOf<EndpointOptions>(silo =>
        {
            before(silo);
            silo.AddLrSchedulingWorker();
            after(silo);
        });
    }

    [TestMethod]
    public void Deaths_are_heard_of_soon_unless_membership_is_configured()
    {
        var own = OptionsOf<ClusterMembershipOptions>(silo => silo.AddLrSchedulingWorker());
        Assert.AreEqual((2, 5), (own.ProbeTimeout.TotalSeconds, own.IAmAliveTablePublishTimeout.TotalSeconds));
        var set = OptionsOf<ClusterMembershipOptions>(silo => silo.AddLrSchedulingWorker().Configure<ClusterMembershipOptions>(membership =>
            (membership.ProbeTimeout, membership.IAmAliveTablePublishTimeout) = (TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8))));
        Assert.AreEqual((7, 8), (set.ProbeTimeout.TotalSeconds, set.IAmAliveTablePublishTimeout.TotalSeconds));
    }

    [TestMethod]
    public async Task A_lease_lasts_while_it_is_renewed_and_then_another_worker_gets_its_trials()
    {
        var lasts = TimeSpan.FromSeconds(3);
        await using var idle = await EmbeddedCluster.StartAsync(
            new SharedStorage(), TestContext.CancellationToken, isAtWork: false, worker => worker.LeaseTime = lasts);
        var study = idle.Client.GetGrain<IStudyGrain>("leases");
        await study.Join("client#1", new StudyRows("trainer", "{}", "rows", null, null, "16 rows", "hash", LibraryVersion.Text));
        await study.Submit(new Submission("batch", 16));
        // Both silos live, but their workers hang: only time ends their leases.
        var (first, second) = (idle.Silos[0].SiloAddress.ToParsableString(), idle.Silos[1].SiloAddress.ToParsableString());
        var lease = (await study.Claim(first))!;
        var (longest, holds) = (TimeSpan.Zero, true);
        for (long since = Stopwatch.GetTimestamp(), last = since; Stopwatch.GetElapsedTime(since) < 2 * lasts;
            last = Stopwatch.GetTimestamp())
        {
            await Task.Delay(TimeSpan.FromSeconds(0.3), TestContext.CancellationToken);
            holds &= await study.Renew(lease) && await study.Claim(second) is null;
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(last).Ticks));
        }

        // On a busy machine the test itself may come too late.
        if (longest > lasts / 2) Assert.Inconclusive($"The lease could not be renewed for {longest}.");
        Assert.IsTrue(holds, "for twice as long as without renewals");
        Lease? next = null;
        for (var since = Stopwatch.GetTimestamp(); next is null && Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1);)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.3), TestContext.CancellationToken);
            next = await study.Claim(second);
        }

        Assert.AreEqual(lease with { Number = lease.Number + 1 }, next);
        Assert.IsFalse(await study.Renew(lease), "the first one should stop");
        Assert.AreEqual(ResultUse.Counted, await study.Complete(lease), "its late result is as good");
    }

    private static T OptionsOf<T>(Action<ISiloBuilder> configure) where T : class
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo => configure(silo));
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<T>>().Value;
    }
}
