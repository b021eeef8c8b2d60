using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using StackExchange.Redis;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Who is killed.</summary>
internal enum Victim
{
    Worker,

    /// <summary>The worker whose silo has the study.</summary>
    Study,

    Sweep,

    Redis,
}

/// <summary>Redis, two workers and a sweep, processes of their own on loopback, any of which is killed (SIGKILL) at any moment.</summary>
internal sealed class KilledCluster : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-killed-");
    private readonly string _port = ClusterProcesses.FreePort().ToString(CultureInfo.InvariantCulture);
    private readonly List<Process> _started = [];
    private readonly List<(Process Process, int Port)> _workers = [];
    private readonly Random _random;
    private Process _redis;
    private string _strategy = "";
    private int _sweeps;
    private Process? _sweep;

    private KilledCluster(Process redis, int seed) => (_redis, _random) = (redis, new Random(seed));

    /// <summary>What is swept, by name.</summary>
    public static Dictionary<string, SweepStrategy> Strategies { get; } = new()
    {
        ["few"] = SweepStrategy.Random(40),
        ["some"] = SweepStrategy.Random(80),
        ["many"] = SweepStrategy.Random(160),
        ["halving"] = SweepStrategy.SuccessiveHalving(120, reduction: 2, minimumEpochs: 50),
    };

    /// <summary>How often a silo was killed that had the study.</summary>
    public int StudiesKilled { get; private set; }

    private string Address => $"127.0.0.1:{_port}";

    private string Journal => Path.Combine(_folder.FullName, $"study-{_sweeps}.jsonl");

    private bool SweepHasEnded => _sweep!.HasExited;

    /// <summary>Starts Redis and two workers; null where there is no Redis.</summary>
    /// <param name="seed">What the moments of kills follow from.</param>
    public static KilledCluster? Start(int seed)
    {
        var cluster = new KilledCluster(Process.GetCurrentProcess(), seed);
        try
        {
            cluster._redis = cluster.StartRedis();
        }
        catch (Win32Exception)
        {
            cluster.Dispose();
            return null;
        }

        cluster.StartWorker();
        cluster.StartWorker();
        return cluster;
    }

    /// <summary>Starts a sweep.</summary>
    public void StartSweep(string strategy)
    {
        (_strategy, _sweeps) = (strategy, _sweeps + 1);
        StartSweep();
    }

    /// <summary>Waits until the sweep has come on, and a moment more, and kills; returns whether the sweep had not ended before.</summary>
    public bool Kill(Victim victim)
    {
        WaitForMore();
        Thread.Sleep(_random.Next(300));
        if (SweepHasEnded) return false;
        switch (victim)
        {
            case Victim.Sweep:
                End(_sweep!);
                StartSweep();
                break;
            case Victim.Redis:
                End(_redis);
                _redis = StartRedis();
                break;
            default:
                var port = victim == Victim.Study ? ClusterProcesses.PortOfStudyAsync(Address).GetAwaiter().GetResult() : null;
                var index = _workers.FindIndex(worker => worker.Port == port);
                if (index >= 0) StudiesKilled++;
                else index = _random.Next(_workers.Count);
                // One is always left: where all die at once the next ones wait until the cluster takes them for dead.
                End(_workers[index].Process);
                _workers.RemoveAt(index);
                StartWorker();
                break;
        }

        return true;
    }

    /// <summary>
    /// Stops the sweep (SIGSTOP), kills a worker that has trials, and waits until another one has trained them; then the sweep goes on.
    /// </summary>
    /// <returns>The trials, and what the journal had of them before.</returns>
    public async Task<(int[] Trials, int[] ToldBefore)> KillWhoTrains()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Address);
        // The line of the study, and the first results.
        WaitForMore();
        WaitForMore();
        // While it stands still nothing comes into the journal, and the ledger is there in the end.
        await Signal("STOP");
        var (part, victim) = await KillOneOf(redis);
        StartWorker();
        var trials = await TrialsOf(redis, part);
        var told = Told().Intersect(trials).ToArray();
        var since = Stopwatch.StartNew();
        while ((await Ledger(redis))[(part.Batch, part.First)] is not { Status: PartStatus.Done } again || again.Worker == victim)
        {
            if (since.Elapsed > LongestWait) throw new AssertFailedException("The trials are not given out again.");
            await Task.Delay(10);
        }

        var done = (await Ledger(redis))[(part.Batch, part.First)];
        Assert.IsGreaterThan(part.Lease, done.Lease, "a lease of its own");
        Assert.AreEqual(part.Count, done.Count, "they stay together");
        CollectionAssert.AreEqual(new[] { victim.Split('@')[0] }, done.FailedAt);
        await Signal("CONT");
        return (trials, told);
    }

    /// <summary>What is left of the study: keys in Redis, and files of rows.</summary>
    public async Task<string[]> LeftAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Address);
        return
        [
            .. redis.GetServers()[0].Keys().Select(key => $"{key}").Where(key => key.Contains("/state/", StringComparison.Ordinal)),
            .. Directory.GetFiles(Path.Combine(_folder.FullName, "rows")),
        ];
    }

    /// <summary>Waits for the end of the sweep, and holds that its journal has each trial once, as one process has it.</summary>
    public void FinishSweep()
    {
        if (!_sweep!.WaitForExit(LongestWait)) throw new AssertFailedException("The sweep hangs.");
        Assert.AreEqual(0, _sweep.ExitCode, "the sweep failed");
        var expected = ClusterProcesses.Sweep(Strategies[_strategy], new SweepOptions());
        CollectionAssert.AreEqual(Enumerable.Range(0, expected.Trials.Count).ToArray(), Told().Order().ToArray());
        var trials = Study.Load(Journal).Trials;
        foreach (var (one, other) in expected.Trials.Zip(trials)) IsSame(one, other);
        // Where trials compete others may be left; the best of all is found in both.
        Assert.IsTrue(trials.Zip(expected.Trials).Any(pair => pair.First.EpochCount == pair.Second.EpochCount));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _started) End(process);
        _folder.Delete(recursive: true);
    }

    private static void IsSame(StudyTrial<TorchLinearRegressionTrainer.Options> expected, StudyTrial<LinearTrainerOptions> actual)
    {
        var (own, others) = (ClusterSweepTests.Timeless(expected.History).Epochs, ClusterSweepTests.Timeless(actual.History).Epochs);
        var both = Math.Min(own.Count, others.Count);
        Assert.IsGreaterThan(0, both);
        for (var epoch = 0; epoch < both; epoch++)
        {
            Assert.AreEqual(own[epoch].TrainingLoss, others[epoch].TrainingLoss, $"{actual}");
            CollectionAssert.AreEqual(own[epoch].ValidationMetrics.ToArray(), others[epoch].ValidationMetrics.ToArray(), $"{actual}");
        }

        if (own.Count != others.Count) return;
        Assert.AreEqual(expected.Score, actual.Score);
        CollectionAssert.AreEqual(expected.Weights!.Weights, actual.Weights!.Weights, $"{actual}");
        CollectionAssert.AreEqual(expected.Weights.Biases, actual.Weights.Biases, $"{actual}");
    }

    // The trials that the journal has, in their order there; also while the sweep has it.
    private int[] Told()
    {
        using var reader = new StreamReader(UnlockedFile.OpenRead(Journal));
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("trial").GetInt32()),
        ];
    }

    // One that has trials still when it is dead.
    private async Task<(Part Part, string Victim)> KillOneOf(ConnectionMultiplexer redis)
    {
        while (true)
        {
            var ledger = await Ledger(redis);
            Assert.IsTrue(ledger.Values.Any(part => part.Status != PartStatus.Done), "all has been trained already");
            if (ledger.FirstOrDefault(part => part.Value.Status == PartStatus.Leased) is not (var key, { } had)) continue;
            var index = _workers.FindIndex(worker => had.Worker!.Contains($":{worker.Port}@", StringComparison.Ordinal));
            End(_workers[index].Process);
            _workers.RemoveAt(index);
            var after = (await Ledger(redis))[key];
            if (after.Status == PartStatus.Leased && after.Lease == had.Lease) return (had, had.Worker!);
            StartWorker();
        }
    }

    private static async Task<int[]> TrialsOf(ConnectionMultiplexer redis, Part part)
    {
        var key = redis.GetServers()[0].Keys(pattern: $"*/{part.Batch}/bytes").Single();
        using var kept = JsonDocument.Parse((string)(await redis.GetDatabase().HashGetAsync(key, "data"))!);
        var bytes = kept.RootElement.GetProperty("Bytes");
        if (bytes.ValueKind == JsonValueKind.Object) bytes = bytes.GetProperty("$value");
        var work = TravellingWork.Read(bytes.GetBytesFromBase64());
        return [.. work.Trials.Skip(part.First).Take(part.Count).Select(trial => trial.Number)];
    }

    /// <summary>The ledger, as Redis has it.</summary>
    private static async Task<Dictionary<(string Batch, int First), Part>> Ledger(ConnectionMultiplexer redis)
    {
        var parts = new Dictionary<(string, int), Part>();
        foreach (var key in redis.GetServers()[0].Keys(pattern: "*ledger*"))
        {
            if ((string?)await redis.GetDatabase().HashGetAsync(key, "data") is not { Length: > 0 } json) continue;
            using var ledger = JsonDocument.Parse(json);
            foreach (var batch in Items(ledger.RootElement, "Batches"))
                foreach (var part in Items(batch, "Parts"))
                {
                    var id = batch.GetProperty("Id").GetString()!;
                    parts[(id, Number(part, "First"))] = new Part(
                        id, Number(part, "First"), Number(part, "Count"), (PartStatus)Number(part, "Status"), Number(part, "Lease"),
                        part.TryGetProperty("Worker", out var worker) ? worker.GetString() : null,
                        [.. Items(part, "FailedAt").Select(place => place.GetString()!)]);
                }
        }

        return parts;

        // What is 0 is left out.
        static int Number(JsonElement part, string name) => part.TryGetProperty(name, out var number) ? number.GetInt32() : 0;

        // Lists stand in an object with their type where that has to be told.
        static JsonElement[] Items(JsonElement parent, string name) => !parent.TryGetProperty(name, out var list) ? []
            : [.. (list.ValueKind == JsonValueKind.Object ? list.GetProperty("$values") : list).EnumerateArray()];
    }

    private async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _sweep!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.AreEqual(0, kill.ExitCode);
    }

    private sealed record Part(string Batch, int First, int Count, PartStatus Status, int Lease, string? Worker, string[] FailedAt);

    private Process StartRedis() => Start(
        "redis-server", "--port", _port, "--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--dir", _folder.FullName);

    private void StartWorker()
    {
        var port = ClusterProcesses.FreePort();
        _workers.Add((
            Start(
                "dotnet", typeof(KilledCluster).Assembly.Location, "cluster-worker", Address, port.ToString(CultureInfo.InvariantCulture)),
            port));
    }

    private void StartSweep() =>
        _sweep = Start("dotnet", typeof(KilledCluster).Assembly.Location, "cluster-sweep", Address, Journal, _strategy);

    private void WaitForMore()
    {
        for (var (before, since) = (Length(), Stopwatch.StartNew()); Length() == before && !SweepHasEnded;)
        {
            if (since.Elapsed > LongestWait) throw new AssertFailedException("The sweep does not come on.");
            Thread.Sleep(1);
        }

        long Length() => File.Exists(Journal) ? new FileInfo(Journal).Length : 0;
    }

    private Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.BeginOutputReadLine();
        _started.Add(process);
        return process;
    }

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }
}
