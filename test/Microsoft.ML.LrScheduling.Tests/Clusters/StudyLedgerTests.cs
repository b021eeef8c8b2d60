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
