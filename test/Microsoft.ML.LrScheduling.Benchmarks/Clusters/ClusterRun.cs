using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Clusters;

/// <summary>Sweeps on workers of Orleans.</summary>
internal static class ClusterRun
{
    private const int Features = 50;

    /// <summary>Measures all, and prints it.</summary>
    public static int Measure()
    {
        var data = Rows(20_000);
        TrialsASecond(data, workers: null);
        Say("without Orleans", TrialsASecond(data, workers: null));
        using (var cluster = new BenchmarkCluster())
        {
            var workers = new OrleansWorkers(cluster.Client);
            // Code is compiled, and rows are read, by each worker once.
            TrialsASecond(data, workers);
            Say("one worker", TrialsASecond(data, workers));
            var small = Rows(100);
            var alone = SecondsABatch(small, workers: null);
            var there = SecondsABatch(small, workers);
            Console.WriteLine(
                $"a batch of one trial of 100 rows: {alone * 1000:F1} ms without Orleans, {there * 1000:F1} ms with it");
            cluster.StartWorker();
            WaitForWorkers(cluster, workers, small);
            TrialsASecond(data, workers);
            Say("two workers", TrialsASecond(data, workers));

            MeasureScaling(cluster);
            for (var kill = 0; kill < 3; kill++)
            {
                Console.WriteLine($"seconds from a kill until its trials train again: {SecondsAfterKill(cluster, data, workers):F1}");
                cluster.StartWorker();
                WaitForWorkers(cluster, workers, small);
            }
        }

        return MeasureLedger();

        static void Say(string who, double rate) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{who}: {rate:F1} trials a second"));
    }

    /// <summary>Measures simulated workers, and prints it.</summary>
    public static int Simulate()
    {
        using var cluster = new BenchmarkCluster();
        MeasureScaling(cluster);
        return 0;
    }

    private static void MeasureScaling(BenchmarkCluster cluster)
    {
        foreach (var simulated in new[] { 1, 8, 32, 64 })
        {
            var (scaling, calls) = Scaling(cluster.Client, simulated).GetAwaiter().GetResult();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"simulated workers: {simulated}, {scaling:F2} of perfect; a batch waits {calls.TotalMilliseconds:F0} ms for the cluster"));
        }
    }

    private static double TrialsASecond(IDataView data, OrleansWorkers? workers)
    {
        var options = new SweepOptions { Strategy = SweepStrategy.Random(512), TrialsTogether = 64, Workers = workers };
        var started = Stopwatch.GetTimestamp();
        Train(data, options);
        return 512 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double SecondsABatch(IDataView data, OrleansWorkers? workers)
    {
        const int Batches = 200;
        var started = Stopwatch.GetTimestamp();
        Train(data, new SweepOptions { Strategy = SweepStrategy.Random(Batches), TrialsTogether = 1, Workers = workers }, epochs: 1);
        return Stopwatch.GetElapsedTime(started).TotalSeconds / Batches;
    }

    // Two trials, and both workers are seen to have one.
    private static void WaitForWorkers(BenchmarkCluster cluster, OrleansWorkers workers, IDataView data)
    {
        for (var seen = new HashSet<string>(); seen.Count < 2;)
        {
            var sweep = Task.Run(() => Train(
                data, new SweepOptions { Strategy = SweepStrategy.Random(4), TrialsTogether = 1, Workers = workers }, epochs: 3000));
            while (!sweep.IsCompleted)
                foreach (var worker in Leases(cluster).Values)
                    seen.Add(worker);
            sweep.GetAwaiter().GetResult();
        }
    }

    private static double SecondsAfterKill(BenchmarkCluster cluster, IDataView data, OrleansWorkers workers)
    {
        var (victim, port) = cluster.Workers[0];
        cluster.Workers.RemoveAt(0);
        var sweep = Task.Run(() => TrialsASecond(data, workers));
        KeyValuePair<string, string>[] had = [];
        while (had.Length == 0)
            had = [.. Leases(cluster).Where(lease => lease.Value.Contains($":{port}@", StringComparison.Ordinal))];
        victim.Kill();
        var started = Stopwatch.GetTimestamp();
        while (!sweep.IsCompleted && Leases(cluster).GetValueOrDefault(had[0].Key, had[0].Value) == had[0].Value) Thread.Sleep(5);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        sweep.GetAwaiter().GetResult();
        return seconds;
    }

    /// <summary>The parts that workers have, by batch and place, as the ledger in Redis says.</summary>
    private static Dictionary<string, string> Leases(BenchmarkCluster cluster)
    {
        var leases = new Dictionary<string, string>();
        var server = cluster.Redis.GetServers()[0];
        foreach (var key in server.Keys(pattern: "*ledger*"))
        {
            if ((string?)cluster.Redis.GetDatabase().HashGet(key, "data") is not { Length: > 0 } json) continue;
            using var ledger = JsonDocument.Parse(json);
            if (!ledger.RootElement.TryGetProperty("Batches", out var batches)) continue;
            foreach (var batch in Items(batches))
                foreach (var part in Items(batch.GetProperty("Parts")))
                    if (NumberOf(part, "Status") == (int)PartStatus.Leased)
                        leases[$"{batch.GetProperty("Id")}/{NumberOf(part, "First")}"] = part.GetProperty("Worker").GetString()!;
        }

        return leases;
    }

    // What is 0 is left out.
    private static int NumberOf(JsonElement part, string name) => part.TryGetProperty(name, out var number) ? number.GetInt32() : 0;

    // Lists stand in an object with their type where that has to be told.
    private static JsonElement.ArrayEnumerator Items(JsonElement list) =>
        (list.ValueKind == JsonValueKind.Object ? list.GetProperty("$values") : list).EnumerateArray();

    /// <summary>10,000 trials in batches of 64 that take a second each, or less of fewer, by workers that only wait.</summary>
    private static async Task<(double Scaling, TimeSpan Calls)> Scaling(IClusterClient client, int workers)
    {
        const int Batches = 157;
        var name = $"simulated-{workers}";
        var study = client.GetGrain<IStudyGrain>(name);
        await study.Join("bench#0", new StudyRows("simulated", "{}", "/nowhere", null, null, "no rows", "none", LibraryVersion.Text));
        // The real ones have no such rows.
        var batches = workers == 1 ? 5 : Batches;
        for (var batch = 0; batch < batches; batch++)
        {
            await client.PutBytes(GrainNames.Trials(name, $"{batch}"), [0]);
            await study.Submit(new Submission($"{batch}", 64));
        }

        await Task.Delay(TimeSpan.FromSeconds(2));
        var (calls, parts) = (0L, 0);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            // Later than any that the cluster has seen, or it would be dead.
            var silo = $"127.0.0.1:{10 + worker}@{int.MaxValue}";
            for (var asked = Stopwatch.GetTimestamp(); await study.Claim(silo) is { } lease; asked = Stopwatch.GetTimestamp())
            {
                Interlocked.Add(ref calls, Stopwatch.GetTimestamp() - asked);
                await Task.Delay(Seconds(lease.Count));
                asked = Stopwatch.GetTimestamp();
                await client.PutBytes(GrainNames.Results(name, lease.Batch, lease.First, lease.Count), new byte[20_000]);
                await study.Complete(lease);
                Interlocked.Add(ref calls, Stopwatch.GetTimestamp() - asked);
                Interlocked.Increment(ref parts);
            }
        })));
        var time = Stopwatch.GetElapsedTime(started);
        await study.Leave("bench#0", isOver: true);
        return (Seconds(64) * batches / workers / time, Stopwatch.GetElapsedTime(0, calls) / parts);

        static TimeSpan Seconds(int count) => TimeSpan.FromSeconds(0.2 + 0.8 * count / 64);
    }

    /// <summary>Measures the ledger of a large study, and prints it.</summary>
    public static int MeasureLedger()
    {
        var ledger = new StudyLedger { Rows = new StudyRows("trainer", "{}", "rows", null, null, "rows", "hash", LibraryVersion.Text) };
        for (var batch = 0; batch < 100_000 / 64; batch++)
        {
            ledger.Submit(new Submission(Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()), 64));
            ledger.Complete(ledger.Claim("127.0.0.1:11111@123456789", ["127.0.0.1:11111@123456789"])!);
        }

        var started = Stopwatch.GetTimestamp();
        var bytes = 0;
        for (var i = 0; i < 20; i++) bytes = JsonSerializer.SerializeToUtf8Bytes(ledger).Length;
        Console.WriteLine(
            $"the ledger of 100,000 trials: {bytes / 1000} KB, {Stopwatch.GetElapsedTime(started).TotalMilliseconds / 20:F1} ms as JSON");
        return 0;
    }

    private static Study<TorchLinearRegressionTrainer.Options> Train(IDataView data, SweepOptions options, int epochs = 20) =>
        new MLContext(seed: 1).Regression.Trainers.Sweep(
            SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = epochs,
                LearningRate = draw.LogRange("rate", 1e-4, 0.1),
                ValidationFraction = 0.1,
                Seed = 1,
            }),
            data, options);

    private static IDataView Rows(int count)
    {
        var random = new Random(1);
        return new MLContext(seed: 1).Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            var features = new float[Features];
            for (var i = 0; i < Features; i++) features[i] = random.NextSingle() * 2 - 1;
            return new Row { Features = features, Label = features.Sum() + random.NextSingle() };
        }).ToArray());
    }

    private sealed class Row
    {
        [VectorType(ClusterRun.Features)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
