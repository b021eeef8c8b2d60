using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using StackExchange.Redis;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>What the processes do that <see cref="KilledClusterTests"/> kills.</summary>
internal static class ClusterProcesses
{
    /// <summary>The trials of the sweep.</summary>
    public const int Trials = 40;

    /// <summary>Works for a cluster until the process is killed.</summary>
    /// <param name="redis">Where the cluster is found.</param>
    public static Task WorkAsync(string redis)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = Server(redis));
            silo.AddRedisGrainStorageAsDefault(options => options.ConfigurationOptions = Server(redis));
            silo.AddLrSchedulingWorker();
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort());
        });
        return builder.Build().RunAsync();
    }

    /// <summary>Sweeps on a cluster.</summary>
    /// <param name="redis">Where the cluster is found.</param>
    /// <param name="journal">The journal.</param>
    public static void Sweep(string redis, string journal)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client.UseRedisClustering(options => options.ConfigurationOptions = Server(redis)));
        using var host = builder.Build();
        host.Start();
        Sweep(new SweepOptions
        {
            Journal = journal,
            Workers = new OrleansWorkers(host.Services.GetRequiredService<IClusterClient>())
            {
                Folder = Path.Combine(Path.GetDirectoryName(journal)!, "rows"),
            },
        });
    }

    /// <summary>The sweep.</summary>
    /// <param name="options">Where it trains, and what it keeps.</param>
    public static Study<TorchLinearRegressionTrainer.Options> Sweep(SweepOptions options)
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
            options with { Strategy = SweepStrategy.Random(Trials), TrialsTogether = 4, Seed = 3 });
    }

    /// <summary>A port of this machine that nobody uses.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ConfigurationOptions Server(string redis)
    {
        var server = ConfigurationOptions.Parse(redis);
        // Redis is killed too.
        server.AbortOnConnectFail = false;
        return server;
    }
}
