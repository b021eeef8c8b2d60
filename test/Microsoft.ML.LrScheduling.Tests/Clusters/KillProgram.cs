using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>The program of build/kills.cs: sweeps on a cluster of processes, which are killed, until so many have been.</summary>
internal static class KillProgram
{
    private const int Redis = 2;

    /// <summary>Kills, and says what came of it; the exit code is 1 where anything was lost, doubled or changed.</summary>
    public static int Run(string[] args)
    {
        var (kills, seed) = (NumberOf("--kills", 30), NumberOf("--seed", 21));
        using var cluster = KilledCluster.Start(seed);
        if (cluster is null)
        {
            Console.Error.WriteLine("There is no redis-server: on Debian apt-get install redis-server.");
            return 1;
        }

        var started = Stopwatch.GetTimestamp();
        var victims = new Queue<Victim>(Shuffled(kills, new Random(seed)));
        var sweeps = 0;
        for (; victims.Count > 0; sweeps++)
        {
            var strategy = sweeps % 2 == 0 ? "many" : "halving";
            cluster.StartSweep(strategy);
            while (victims.Count > 0 && cluster.Kill(victims.Peek())) Say($"{victims.Dequeue()} killed, {victims.Count} to come");
            try
            {
                cluster.FinishSweep();
            }
            catch (AssertFailedException e)
            {
                Console.Error.WriteLine(e.Message);
                return 1;
            }

            Say($"sweep {sweeps + 1} ({strategy}): each trial once, as in one process");
        }

        Say($"{kills} kills of workers and sweeps, {cluster.StudiesKilled} of them of the silo with the study, {Redis} of Redis; {sweeps} "
            + "sweeps: nothing was lost, doubled or changed");
        return 0;

        void Say(string text) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:F0} s  {text}"));

        int NumberOf(string name, int otherwise) =>
            Array.IndexOf(args, name) is >= 0 and var i ? int.Parse(args[i + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    private static Victim[] Shuffled(int kills, Random random)
    {
        Victim[] victims =
        [
            .. Enumerable.Range(0, kills).Select(i => (Victim)(i % 3)),
            .. Enumerable.Repeat(Victim.Redis, Redis),
        ];
        random.Shuffle(victims);
        return victims;
    }
}
