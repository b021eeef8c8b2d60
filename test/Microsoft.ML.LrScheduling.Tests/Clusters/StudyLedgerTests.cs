using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Orleans;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>What a study gives out and takes back, without a cluster.</summary>
[TestClass]
public sealed class StudyLedgerTests
{
    private readonly StudyLedger _ledger = new() { Rows = new StudyRows("trainer", "{}", "rows", null, null, "10 rows", "hash", "1.0.0") };

    [TestMethod]
    public void Batches_are_given_out_whole_in_their_order_while_there_are_enough_for_all()
    {
        foreach (var batch in new[] { "a", "b", "c" }) Assert.IsTrue(_ledger.Submit(new(batch, 64)));
        Assert.IsFalse(_ledger.Submit(new("b", 64)), "the same trials are the same batch");
        // 192, then 128 trials wait for two workers.
        Assert.AreEqual(("a", 0, 64), Of(Claim("x", workers: 2)));
        Assert.AreEqual(("b", 0, 64), Of(Claim("y", workers: 2)));
    }

    [TestMethod]
    public void Near_the_end_trials_are_shared_out_in_sixteens()
    {
        _ledger.Submit(new("a", 64));
        // ⌈64 / 3⌉ = 22, rounded up; then ⌈32 / 3⌉ = 11, rounded up.
        Assert.AreEqual(("a", 0, 32), Of(Claim("x", workers: 3)));
        Assert.AreEqual(("a", 32, 16), Of(Claim("y", workers: 3)));
        Assert.AreEqual(("a", 48, 16), Of(Claim("z", workers: 3)));
        Assert.IsNull(Claim("w", workers: 4));

        _ledger.Submit(new("b", 64, true));
        Assert.AreEqual(("b", 0, 64), Of(Claim("w", workers: 4)), "asked to stay together");
        _ledger.Submit(new("c", 16));
        Assert.AreEqual(("c", 0, 16), Of(Claim("v", workers: 100)), "sixteen are never cut");
    }

    [TestMethod]
    public void One_that_comes_alone_takes_twice_its_part_since_the_others_come_again()
    {
        _ledger.Submit(new("a", 64));
        for (var i = 0; i < 7; i++) _ledger.Submit(new($"small{i}", 1, Rung: 1));
        // Seven of eight workers have something; 2 · ⌈64 / 8⌉ = 16.
        for (var i = 0; i < 7; i++) Claim($"w{i}", workers: 8);
        Assert.AreEqual(("a", 0, 16), Of(Claim("w7", workers: 8)));
        Assert.AreEqual(("a", 16, 48), Of(Claim("one", workers: 1)), "nobody else is there");
    }

    [TestMethod]
    public void Those_of_the_highest_rung_are_given_out_first()
    {
        foreach (var (batch, rung) in new[] { ("a", 0), ("b", 9), ("c", 27), ("d", 9) }) _ledger.Submit(new(batch, 4, Rung: rung));
        CollectionAssert.AreEqual(
            new[] { "c", "b", "d", "a" }, Enumerable.Range(0, 4).Select(worker => Claim($"w{worker}", 4)!.Batch).ToArray());
    }

    [TestMethod]
    public void However_workers_die_and_fail_each_trial_is_done_or_given_up_once_and_nobody_takes_more_than_its_share() => Check.One(
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
                    if (ledger.Claim(worker, [.. Enumerable.Range(0, workers).Select(other => $"{other}")]) is not { } claimed) continue;
                    var idle = workers - leases.Count;
                    var share = idle > 1 ? Math.Ceiling(waiting / (double)idle) : 2 * Math.Ceiling(waiting / (double)workers);
                    Assert.IsTrue(claimed.Count <= Math.Ceiling(share / 16) * 16);
                    leases.Add(worker, claimed);
                    continue;
                }

                leases.Remove(worker);
                var happens = random.Next(6);
                if (happens < 2) StudyLedger.Return(ledger.Find(lease)!);
                else if (happens == 2) StudyLedger.ReturnFailed(ledger.Find(lease.Batch)!, ledger.Find(lease)!, "no memory");
                else if (ledger.Complete(lease)) done.AddRange(Enumerable.Range(lease.First, lease.Count).Select(i => (lease.Batch, i)));
            }

            foreach (var (batch, part) in ledger.Batches.SelectMany(batch => batch.Parts.Select(part => (batch, part))))
            {
                if (part.Failure is null) continue;
                done.Add((batch.Id, part.First));
                Assert.AreEqual(1, part.Count);
                Assert.HasCount(Math.Min(workers, 3), part.FailedAt.Distinct(), "as many workers have tried as there are, up to three");
            }

            CollectionAssert.AreEquivalent(
                submitted.SelectMany(batch => Enumerable.Range(0, batch.Count).Select(i => (batch.Batch, i))).ToArray(), done);
        }));

    [TestMethod]
    public void Everything_may_be_said_twice()
    {
        _ledger.Submit(new("a", 4));
        var lease = Claim("x", workers: 1)!;
        Assert.AreEqual(lease, Claim("x", workers: 1), "the answer before was lost");
        Assert.IsTrue(_ledger.Complete(lease));
        Assert.IsFalse(_ledger.Complete(lease));
        Assert.IsNull(Claim("x", workers: 1));
        Assert.IsFalse(_ledger.IsUnderWay);
    }

    [TestMethod]
    public void A_late_result_counts_and_the_one_after_it_does_not()
    {
        _ledger.Submit(new("a", 4));
        var late = Claim("x", workers: 1)!;
        StudyLedger.Return(_ledger.Find(late)!);
        var second = Claim("y", workers: 2)!;
        Assert.IsFalse(_ledger.Holds(late));
        Assert.IsTrue(_ledger.Holds(second));
        Assert.IsTrue(_ledger.Complete(late), "results follow from the trials");
        Assert.IsFalse(_ledger.Holds(second), "the second may stop");
        Assert.IsFalse(_ledger.Complete(second));
    }

    [TestMethod]
    public void Trials_that_fail_at_three_workers_are_taken_apart_and_the_one_at_fault_is_given_up_after_three_more()
    {
        _ledger.Submit(new("a", 3, true));
        foreach (var worker in new[] { "x", "y", "z" }) FailAt(worker, "x", "y", "z");
        var parts = _ledger.Find("a")!.Parts;
        CollectionAssert.AreEqual(new[] { (0, 1), (1, 1), (2, 1) }, parts.Select(part => (part.First, part.Count)).ToArray());
        Assert.IsTrue(parts.TrueForAll(part => part.IsTakenApart));
        Assert.IsTrue(_ledger.Complete(Claim("x", workers: 3)!));
        foreach (var worker in new[] { "x", "y", "z" }) FailAt(worker, "x", "y", "z");
        Assert.IsTrue(_ledger.Complete(Claim("z", workers: 3)!), "one worker's failure gives nobody up");
        Assert.IsFalse(_ledger.IsUnderWay);
        CollectionAssert.AreEqual(
            new[]
            {
                null, "It was given up: 3 times a worker failed while training it, at x, y, z. The last time: z has no memory.", null,
            },
            parts.Select(part => part.Failure).ToArray());
    }

    [TestMethod]
    public void A_worker_that_failed_is_not_given_the_same_trials_while_another_is_there_that_did_not()
    {
        _ledger.Submit(new("a", 1));
        FailAt("x@1", "x@1", "y@1");
        Assert.IsNull(_ledger.Claim("x@1", ["x@1", "y@1"]));
        Assert.IsNull(_ledger.Claim("x@2", ["x@2", "y@1"]), "the same address and port is the same worker, started again");
        _ledger.Submit(new("b", 1));
        Assert.AreEqual(("b", 0, 1), Of(_ledger.Claim("x@1", ["x@1", "y@1"])), "others it is given");
        Assert.AreEqual(("a", 0, 1), Of(_ledger.Claim("y@1", ["x@1", "y@1"])));
    }

    [TestMethod]
    public void One_that_trains_is_there_also_where_the_study_has_not_heard_it_yet()
    {
        _ledger.Submit(new("a", 1));
        FailAt("x", "x", "y");
        _ledger.Submit(new("b", 1, Rung: 1));
        var others = _ledger.Claim("y", ["x", "y"])!;
        Assert.AreEqual(("b", 0, 1), Of(others));
        // As after the death of the silo that had the study.
        Assert.IsNull(_ledger.Claim("x", ["x"]));
        _ledger.Complete(others);
        Assert.AreEqual(("a", 0, 1), Of(_ledger.Claim("x", ["x"])), "nobody else is there");
    }

    [TestMethod]
    public void A_worker_that_is_alone_tries_three_times()
    {
        _ledger.Submit(new("a", 1));
        for (var i = 1; i <= 3; i++) FailAt($"x@{i}", $"x@{i}");
        Assert.IsFalse(_ledger.IsUnderWay);
        Assert.AreEqual(
            "It was given up: 3 times a worker failed while training it, at x (3 times). The last time: x@3 has no memory.",
            _ledger.Find("a")!.Parts[0].Failure);
    }

    [TestMethod]
    public void Of_two_workers_that_both_failed_either_tries_again()
    {
        _ledger.Submit(new("a", 1));
        FailAt("x", "x", "y");
        FailAt("y", "x", "y");
        FailAt("x", "x", "y");
        StringAssert.Contains(_ledger.Find("a")!.Parts[0].Failure, "at x (2 times), y. ");
    }

    [TestMethod]
    public void A_copy_keeps_where_trials_failed_as_it_was()
    {
        _ledger.Submit(new("a", 1));
        var copy = _ledger.Copy();
        FailAt("x", "x");
        Assert.IsEmpty(copy.Find("a")!.Parts[0].FailedAt);
        Assert.HasCount(1, _ledger.Copy().Find("a")!.Parts[0].FailedAt);
    }

    private Lease? Claim(string worker, int workers) =>
        _ledger.Claim(worker, [worker, .. Enumerable.Range(1, workers - 1).Select(other => $"other{other}")]);

    private void FailAt(string worker, params string[] workers)
    {
        var lease = _ledger.Claim(worker, workers)!;
        StudyLedger.ReturnFailed(_ledger.Find(lease.Batch)!, _ledger.Find(lease)!, $"{worker} has no memory.");
    }

    private static (string Batch, int First, int Count) Of(Lease? lease) => (lease!.Batch, lease.First, lease.Count);
}
