using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Orleans;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>What a study gives out and takes back, without a cluster.</summary>
[TestClass]
public sealed class StudyLedgerTests
{
    private readonly StudyLedger _ledger = new() { Rows = new StudyRows("trainer", "{}", "rows", null, null, "10 rows", "hash") };

    [TestMethod]
    public void Batches_are_given_out_whole_in_their_order_while_there_are_enough_for_all()
    {
        foreach (var batch in new[] { "a", "b", "c" }) Assert.IsTrue(_ledger.Submit(new(batch, 64)));
        Assert.IsFalse(_ledger.Submit(new("b", 64)), "the same trials are the same batch");
        // 192, then 128 trials wait for two workers.
        Assert.AreEqual(("a", 0, 64), Of(_ledger.Claim("x", workers: 2)));
        Assert.AreEqual(("b", 0, 64), Of(_ledger.Claim("y", workers: 2)));
    }

    [TestMethod]
    public void Near_the_end_trials_are_shared_out_in_sixteens()
    {
        _ledger.Submit(new("a", 64));
        // ⌈64 / 3⌉ = 22, rounded up; then ⌈32 / 3⌉ = 11, rounded up.
        Assert.AreEqual(("a", 0, 32), Of(_ledger.Claim("x", workers: 3)));
        Assert.AreEqual(("a", 32, 16), Of(_ledger.Claim("y", workers: 3)));
        Assert.AreEqual(("a", 48, 16), Of(_ledger.Claim("z", workers: 3)));
        Assert.IsNull(_ledger.Claim("w", workers: 4));

        _ledger.Submit(new("b", 64, true));
        Assert.AreEqual(("b", 0, 64), Of(_ledger.Claim("w", workers: 4)), "asked to stay together");
        _ledger.Submit(new("c", 16));
        Assert.AreEqual(("c", 0, 16), Of(_ledger.Claim("v", workers: 100)), "sixteen are never cut");
    }

    [TestMethod]
    public void One_that_comes_alone_takes_twice_its_part_since_the_others_come_again()
    {
        _ledger.Submit(new("a", 64));
        for (var i = 0; i < 7; i++) _ledger.Submit(new($"small{i}", 1, Rung: 1));
        // Seven of eight workers have something; 2 · ⌈64 / 8⌉ = 16.
        for (var i = 0; i < 7; i++) _ledger.Claim($"w{i}", workers: 8);
        Assert.AreEqual(("a", 0, 16), Of(_ledger.Claim("w7", workers: 8)));
        Assert.AreEqual(("a", 16, 48), Of(_ledger.Claim("one", workers: 1)), "nobody else is there");
    }

    [TestMethod]
    public void Those_of_the_highest_rung_are_given_out_first()
    {
        foreach (var (batch, rung) in new[] { ("a", 0), ("b", 9), ("c", 27), ("d", 9) }) _ledger.Submit(new(batch, 4, Rung: rung));
        CollectionAssert.AreEqual(
            new[] { "c", "b", "d", "a" }, Enumerable.Range(0, 4).Select(worker => _ledger.Claim($"w{worker}", 4)!.Batch).ToArray());
    }

    [TestMethod]
    public void However_workers_come_and_die_each_trial_is_done_once_and_nobody_takes_more_than_its_share() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var (random, ledger) = (new Random(seed), new StudyLedger { Rows = _ledger.Rows });
            var workers = random.Next(1, 9);
            var submitted = Enumerable.Range(0, random.Next(1, 6)).Select(i => new Submission($"{i}", random.Next(1, 65))).ToArray();
            foreach (var batch in submitted) ledger.Submit(batch);
            var leases = new Dictionary<string, Lease>();
            var done = new List<(string, int)>();
            while (ledger.IsUnderWay)
            {
                var worker = $"{random.Next(workers)}";
                if (!leases.TryGetValue(worker, out var lease))
                {
                    var waiting = ledger.Batches.SelectMany(batch => batch.Parts).Where(part => part.Status == PartStatus.Waiting)
                        .Sum(part => part.Count);
                    if (ledger.Claim(worker, workers) is not { } claimed) continue;
                    var idle = workers - leases.Count;
                    var share = idle > 1 ? Math.Ceiling(waiting / (double)idle) : 2 * Math.Ceiling(waiting / (double)workers);
                    Assert.IsTrue(claimed.Count <= Math.Ceiling(share / 16) * 16);
                    leases.Add(worker, claimed);
                    continue;
                }

                leases.Remove(worker);
                if (random.Next(3) == 0) StudyLedger.Return(ledger.Find(lease)!);
                else if (ledger.Complete(lease)) done.AddRange(Enumerable.Range(lease.First, lease.Count).Select(i => (lease.Batch, i)));
            }

            CollectionAssert.AreEquivalent(
                submitted.SelectMany(batch => Enumerable.Range(0, batch.Count).Select(i => (batch.Batch, i))).ToArray(), done);
        }));

    [TestMethod]
    public void Everything_may_be_said_twice()
    {
        _ledger.Submit(new("a", 4));
        var lease = _ledger.Claim("x", workers: 1)!;
        Assert.AreEqual(lease, _ledger.Claim("x", workers: 1), "the answer before was lost");
        Assert.IsTrue(_ledger.Complete(lease));
        Assert.IsFalse(_ledger.Complete(lease));
        Assert.IsNull(_ledger.Claim("x", workers: 1));
        Assert.IsFalse(_ledger.IsUnderWay);
    }

    [TestMethod]
    public void A_late_result_counts_and_the_one_after_it_does_not()
    {
        _ledger.Submit(new("a", 4));
        var late = _ledger.Claim("x", workers: 1)!;
        StudyLedger.Return(_ledger.Find(late)!);
        var second = _ledger.Claim("y", workers: 2)!;
        Assert.IsFalse(_ledger.Holds(late));
        Assert.IsTrue(_ledger.Holds(second));
        Assert.IsTrue(_ledger.Complete(late), "results follow from the trials");
        Assert.IsFalse(_ledger.Holds(second), "the second may stop");
        Assert.IsFalse(_ledger.Complete(second));
    }

    [TestMethod]
    public void Trials_that_end_three_workers_in_turn_are_taken_apart_and_the_one_at_fault_is_given_up()
    {
        _ledger.Submit(new("a", 3, true));
        foreach (var worker in new[] { "x", "y", "z" }) Die(worker);
        var failures = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            var alone = _ledger.Claim("w", workers: 1)!;
            Assert.AreEqual(("a", i, 1), Of(alone));
            if (i == 1) Die("w");
            else Assert.IsTrue(_ledger.Complete(alone));
            failures.Add(_ledger.Find(alone)!.Failure);
        }

        Assert.IsFalse(_ledger.IsUnderWay);
        CollectionAssert.AreEqual(
            new[] { null, "It was given up: 3 workers in turn ended while training it. The last one: w is dead.", null }, failures);

        void Die(string worker)
        {
            var lease = _ledger.Claim(worker, workers: 1)!;
            StudyLedger.ReturnDead(_ledger.Find(lease.Batch)!, _ledger.Find(lease)!, $"{worker} is dead.");
        }
    }

    private static (string Batch, int First, int Count) Of(Lease? lease) => (lease!.Batch, lease.First, lease.Count);
}
