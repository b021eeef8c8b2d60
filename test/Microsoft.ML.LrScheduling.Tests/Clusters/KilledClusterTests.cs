namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>A cluster of real processes, with Debian's Redis, any of which is killed at any moment; build/kills.cs kills more.</summary>
[TestClass]
public sealed class KilledClusterTests
{
    private const string NoRedis = "There is no redis-server: on Debian apt-get install redis-server.";

    [TestMethod]
    public async Task Trials_of_a_killed_worker_are_given_out_again_come_into_the_journal_once_and_nothing_is_left()
    {
        using var cluster = KilledCluster.Start(seed: 21);
        if (cluster is null)
        {
            Assert.Inconclusive(NoRedis);
            return;
        }

        cluster.StartSweep("some");
        var (trials, toldBefore) = await cluster.KillWhoTrains();
        Assert.HasCount(4, trials);
        Assert.IsEmpty(toldBefore, "they were under way");
        cluster.FinishSweep();
        Assert.AreEqual("", string.Join('\n', await cluster.LeftAsync()));
    }

    [TestMethod]
    public void Workers_the_study_the_sweep_and_Redis_are_killed_and_no_trial_is_lost_doubled_or_changed()
    {
        using var cluster = KilledCluster.Start(seed: 21);
        if (cluster is null)
        {
            Assert.Inconclusive(NoRedis);
            return;
        }

        cluster.StartSweep("few");
        foreach (var victim in new[] { Victim.Worker, Victim.Redis, Victim.Sweep, Victim.Study })
            Assert.IsTrue(cluster.Kill(victim), $"the sweep ended before the {victim} could be killed");
        cluster.FinishSweep();
    }
}
