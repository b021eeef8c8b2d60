using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>What the processes do that <see cref="KilledCluster"/> kills.</summary>
internal static class ClusterProcesses
{
    private const string Study = "killed";

    /// <summary>Works for a cluster until the process is killed.</summary>
    /// <param name="redis">Where the cluster is found.</param>
    /// <param name="port">Where it listens.</param>
    public static Task WorkAsync(string redis, int port)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = Server(redis));
            silo.AddRedisGrainStorageAsDefault(
                options => (options.ConfigurationOptions, options.DeleteStateOnClear) = (Server(redis), true));
            silo.AddLrSchedulingWorker();
            silo.ConfigureEndpoints(IPAddress.Loopback, port, FreePort());
        });
        return builder.Build().RunAsync();
    }

    /// <summary>Sweeps on a cluster.</summary>
    /// <param name="redis">Where the cluster is found.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="strategy">Which trials there are.</param>
    public static void Sweep(string redis, string journal, SweepStrategy strategy)
    {
        using var host = Client(redis);
        host.Start();
        Sweep(strategy, new SweepOptions
        {
            Journal = journal,
            Workers = new OrleansWorkers(host.Services.GetRequiredService<IClusterClient>())
            {
                Study = Study,
                Folder = Path.Combine(Path.GetDirectoryName(journal)!, "rows"),
            },
        });
    }

    /// <summary>Where the silo listens that has the study; null where nobody has it, or it is not to be found.</summary>
    /// <param name="redis">Where the cluster is found.</param>
    public static async Task<int?> PortOfStudyAsync(string redis)
    {
        try
        {
            using var host = Client(redis);
            await host.StartAsync();
            var grains = host.Services.GetRequiredService<IClusterClient>();
            var silo = await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grains.GetGrain<IStudyGrain>(Study));
            await host.StopAsync();
            return silo?.Endpoint.Port;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or RedisException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The sweep.</summary>
    /// <param name="strategy">Which trials there are.</param>
    /// <param name="options">Where it trains, and what it keeps.</param>
    public static Study<TorchLinearRegressionTrainer.Options> Sweep(SweepStrategy strategy, SweepOptions options)
    {
        var mlContext = new MLContext(seed: 1);
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.3),
            NumberOfEpochs = draw.Integer("epochs", 300, 600),
            ValidationFraction = 0.25,
            Seed = 1,
        });
        return mlContext.Regression.Trainers.Sweep(
            space, TaskCase.Rows(mlContext, 300),
            options with { Strategy = strategy, TrialsTogether = 4, Seed = 3 });
    }

    /// <summary>A port of this machine that nobody uses.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static IHost Client(string redis)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client
            .UseRedisClustering(options => options.ConfigurationOptions = Server(redis))
            // Gateways that were killed are asked in vain for as long as they stand in the list.
            .Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1)));
        return builder.Build();
    }

    private static ConfigurationOptions Server(string redis)
    {
        var server = ConfigurationOptions.Parse(redis);
        // Redis is killed too.
        server.AbortOnConnectFail = false;
        return server;
    }
}
