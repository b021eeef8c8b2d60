using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>A cluster of real processes, with Debian's Redis, any of which is killed at any moment.</summary>
[TestClass]
public sealed class KilledClusterTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-killed-");
    private readonly List<Process> _started = [];

    private string Journal => Path.Combine(_folder.FullName, "study.jsonl");

    [TestCleanup]
    public void KillAll()
    {
        foreach (var process in _started) Kill(process);
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public void Workers_the_sweep_and_Redis_are_killed_and_no_trial_is_lost_doubled_or_changed()
    {
        var port = ClusterProcesses.FreePort().ToString(CultureInfo.InvariantCulture);
        var redis = $"127.0.0.1:{port}";
        if (StartRedis() is not { } server)
        {
            Assert.Inconclusive("There is no redis-server: on Debian apt-get install redis-server.");
            return;
        }

        var random = new Random(21);
        var worker = StartWorker();
        StartWorker();
        var sweep = StartSweep();
        var expected = ClusterProcesses.Sweep(new SweepOptions());
        // One worker is always left: where all die at once the next ones wait until the cluster takes them for dead.
        foreach (var victim in new[] { "worker", "redis", "sweep" })
        {
            WaitForMore();
            Thread.Sleep(random.Next(100));
            Assert.IsFalse(sweep.HasExited, $"it ended before the {victim} could be killed");
            switch (victim)
            {
                case "sweep":
                    Kill(sweep);
                    sweep = StartSweep();
                    break;
                case "redis":
                    Kill(server);
                    server = StartRedis()!;
                    break;
                default:
                    Kill(worker);
                    worker = StartWorker();
                    break;
            }
        }

        Assert.IsTrue(sweep.WaitForExit(TimeSpan.FromMinutes(2)), "the sweep hangs");
        Assert.AreEqual(0, sweep.ExitCode);
        var told = File.ReadLines(Journal).Skip(1).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, ClusterProcesses.Trials).ToArray(), told.Select(trial => trial.GetProperty("trial").GetInt32()).ToArray());
        foreach (var trial in told)
        {
            var own = expected.Trials[trial.GetProperty("trial").GetInt32()];
            Assert.AreEqual(own.Score, trial.GetProperty("score").GetDouble());
            Assert.AreEqual(
                Convert.ToBase64String(TrainingState.Bytes(own.Weights!.Save).AsSpan()), trial.GetProperty("weights").GetString());
        }

        Process? StartRedis() => Start(
            "redis-server", "--port", port, "--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--dir", _folder.FullName);
        Process StartWorker() => Start("dotnet", typeof(KilledClusterTests).Assembly.Location, "cluster-worker", redis)!;
        Process StartSweep() => Start("dotnet", typeof(KilledClusterTests).Assembly.Location, "cluster-sweep", redis, Journal)!;

        void WaitForMore()
        {
            for (var (before, since) = (Length(), Stopwatch.StartNew()); Length() == before && since.Elapsed.TotalSeconds < 60;)
                Thread.Sleep(1);
        }

        long Length() => File.Exists(Journal) ? new FileInfo(Journal).Length : 0;
    }

    private Process? Start(string program, params string[] arguments)
    {
        try
        {
            var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            process.BeginOutputReadLine();
            _started.Add(process);
            return process;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }
}
