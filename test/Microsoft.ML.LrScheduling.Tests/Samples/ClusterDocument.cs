using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Clusters;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Orleans.Connections.Security;
using Orleans.Runtime.Messaging;
using StackExchange.Redis;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The code in docs/cluster.md stands here too, so that it compiles and does what the text says.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ClusterDocument
{
    [TestMethod]
    public void All_code_in_the_document_is_here()
    {
        var here = Lines(File.ReadAllText(TestData.PathOf("ClusterDocument.cs.txt")));
        string[] parts = [.. Blocks().Where(block => !IsProgram(block)), Program("worker").Split(";\n\n")[^1]];
        Assert.HasCount(3, parts);
        foreach (var block in parts) StringAssert.Contains(here, Lines(block), block);
    }

    [TestMethod]
    [DataRow("worker")]
    [DataRow("client")]
    public void The_programs_of_a_worker_and_of_a_client_compile_as_they_stand(string which)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            which, [CSharpSyntaxTree.ParseText(Program(which))], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        Assert.AreEqual("", string.Join('\n', compilation.GetDiagnostics().Where(one => one.Severity >= DiagnosticSeverity.Warning)));
    }

    [TestMethod]
    public void The_sweep_in_one_process_sweeps()
    {
        // Those of UseLocalhostClustering.
        foreach (var listener in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners())
            if (listener.Port is 11111 or 30000) Assert.Inconclusive($"Port {listener.Port}, which the example uses, is in use.");
        var before = Directory.GetCurrentDirectory();
        var folder = Directory.CreateTempSubdirectory("lrscheduling-clusters-");
        Directory.SetCurrentDirectory(folder.FullName);
        try
        {
            var mlContext = new MLContext(seed: 1);
            var study = SweepInOneProcess(mlContext, SweepTests.Rates(epochs: 2), TaskCase.Rows(mlContext, 100));
            Assert.HasCount(64, study.Trials);
            Assert.IsTrue(study.Trials.All(trial => trial.Score is not null));
            Assert.HasCount(1 + 64, File.ReadAllLines("study.jsonl"));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void The_example_of_a_worker_makes_a_silo()
    {
        using var worker = Worker("127.0.0.1:1", IPAddress.Loopback, port: 11113);
    }

    [TestMethod]
    public async Task The_encrypted_cluster_takes_clients_with_its_certificate_and_no_others()
    {
        var (port, gateway) = (ClusterProcesses.FreePort(), ClusterProcesses.FreePort());
        using var certificate = SelfSigned();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port, gateway).AddLrSchedulingWorker();
            silo.UseTls(certificate, tls => Encrypt(tls, certificate));
        });
        using var worker = builder.Build();
        await worker.StartAsync();
        using (var member = Client(certificate))
        {
            await member.StartAsync();
            Assert.IsEmpty(await member.Services.GetRequiredService<IClusterClient>().GetGrain<IStudiesGrain>(0).List());
            await member.StopAsync();
        }

        using var others = SelfSigned();
        foreach (var stranger in new[] { others, null })
            using (var client = Client(stranger))
                await Assert.ThrowsAsync<ConnectionFailedException>(() => client.StartAsync());
        await worker.StopAsync();

        IHost Client(X509Certificate2? own)
        {
            var builder = Host.CreateApplicationBuilder();
            builder.Logging.SetMinimumLevel(LogLevel.None);
            builder.UseOrleansClient(client =>
            {
                client.UseLocalhostClustering(gateway);
                if (own is not null) client.UseTls(own, tls => Encrypt(tls, own));
                client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
            });
            return builder.Build();
        }

        static X509Certificate2 SelfSigned()
        {
            using var key = RSA.Create(2048);
            return new CertificateRequest("CN=cluster", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        }
    }

    private static IHost Worker(string redis, IPAddress address, int port)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .ConfigureEndpoints(address, siloPort: port, gatewayPort: port + 1)
            .UseRedisClustering(redis)
            .AddRedisGrainStorageAsDefault(options =>
            {
                options.ConfigurationOptions = ConfigurationOptions.Parse(redis);
                options.DeleteStateOnClear = true;
            })
            .AddLrSchedulingWorker());
        return builder.Build();
    }

    private static Study<TorchLinearRegressionTrainer.Options> SweepInOneProcess(
        MLContext mlContext, SweepSpace<TorchLinearRegressionTrainer.Options> space, IDataView data)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddLrSchedulingWorker());
        using var host = builder.Build();
        host.Start();
        var study = mlContext.Regression.Trainers.Sweep(space, data, new SweepOptions
        {
            Journal = "study.jsonl",
            Workers = new OrleansWorkers(host.Services.GetRequiredService<IClusterClient>()) { Folder = "rows" },
        });
        host.StopAsync().Wait();
        return study;
    }

    private static void Encrypt(TlsOptions tls, X509Certificate2 certificate)
    {
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (remote, _, _) => remote.RawData.AsSpan().SequenceEqual(certificate.RawData);
    }

    private static IEnumerable<string> Blocks() =>
        Text().Split("```csharp\n")[1..].Select(block => block.Split("```")[0]);

    private static string Text() => File.ReadAllText(TestData.PathOf("cluster.md")).ReplaceLineEndings("\n");

    private static string Program(string which) =>
        Text().Split($"This is the whole program of a {which}:\n\n```csharp\n")[1].Split("```")[0];

    private static bool IsProgram(string block) => block.StartsWith("using ", StringComparison.Ordinal);

    // Without indentation and modifiers.
    private static string Lines(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim().Replace("private static", "static", StringComparison.Ordinal)));
}
