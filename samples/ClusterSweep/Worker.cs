using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ClusterSweep;

/// <summary>A worker: a silo of Orleans that trains.</summary>
internal static class Worker
{
    /// <summary>Works until the process is ended.</summary>
    public static Task RunAsync(string redis)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var server = ConfigurationOptions.Parse(redis);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = server);
            silo.AddRedisGrainStorageAsDefault(
                options => (options.ConfigurationOptions, options.DeleteStateOnClear) = (server, true));
            silo.AddLrSchedulingWorker();
            // Several on one machine need ports of their own.
            silo.ConfigureEndpoints(IPAddress.Loopback, siloPort: FreePort(), gatewayPort: FreePort());
        });
        return builder.Build().RunAsync();
    }

    /// <summary>A port of this machine that nobody uses.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
