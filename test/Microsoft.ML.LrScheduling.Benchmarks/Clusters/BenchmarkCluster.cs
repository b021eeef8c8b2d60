using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.ML.LrScheduling.Benchmarks.Clusters;

/// <summary>Redis and workers, processes of their own on loopback.</summary>
internal sealed class BenchmarkCluster : IDisposable
{
    /// <summary>The word by which this program is a worker.</summary>
    public const string Argument = "cluster-worker";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-bench-");
    private readonly List<Process> _started = [];
    private readonly string _redis;
    private readonly IHost _host;

    /// <summary>Starts Redis, and a client.</summary>
    public BenchmarkCluster()
    {
        var port = FreePort();
        _redis = $"127.0.0.1:{port}";
        Start(
            "redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--dir", _folder.FullName);
        Redis = ConnectionMultiplexer.Connect(Server(_redis));
        StartWorker();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client.UseRedisClustering(options => options.ConfigurationOptions = Server(_redis))
            .UseConnectionRetryFilter(async (_, cancellation) =>
            {
                await Task.Delay(500, cancellation);
                return true;
            }));
        _host = builder.Build();
        _host.Start();
    }

    /// <summary>The database.</summary>
    public ConnectionMultiplexer Redis { get; }

    /// <summary>The cluster, as a client sees it.</summary>
    public IClusterClient Client => _host.Services.GetRequiredService<IClusterClient>();

    /// <summary>The workers, and the port that each has in its address.</summary>
    public List<(Process Process, int Port)> Workers { get; } = [];

    /// <summary>Starts a worker.</summary>
    public void StartWorker()
    {
        var port = FreePort();
        Workers.Add((Start("dotnet", typeof(BenchmarkCluster).Assembly.Location, Argument, _redis, $"{port}"), port));
    }

    /// <summary>Is a worker until the process is killed.</summary>
    public static void Work(string redis, int port)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = Server(redis));
            silo.AddRedisGrainStorageAsDefault(options => options.ConfigurationOptions = Server(redis));
            silo.AddLrSchedulingWorker();
            silo.ConfigureEndpoints(IPAddress.Loopback, port, FreePort());
        });
        builder.Build().Run();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _host.Dispose();
        Redis.Dispose();
        foreach (var process in _started)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.BeginOutputReadLine();
        _started.Add(process);
        return process;
    }

    private static ConfigurationOptions Server(string redis)
    {
        var server = ConfigurationOptions.Parse(redis);
        server.AbortOnConnectFail = false;
        return server;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
