using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// The batches of a study and where they stand. Each trial is in one part of one batch, and a part that is done stays so: that each
/// trial counts once follows from this alone, whoever dies and whatever is said twice.
/// </summary>
[GenerateSerializer]
internal sealed class StudyLedger
{
    /// <summary>After so many failures of workers trials are taken apart, and one that trains alone is given up.</summary>
    public const int MostFailures = 3;

    // A vector of models.
    private const int LeastShare = 16;

    /// <summary>The rows; null before anyone has joined.</summary>
    [Id(0)]
    public StudyRows? Rows { get; set; }

    /// <summary>The batches, in the order in which they were submitted.</summary>
    [Id(1)]
    public List<LedgerBatch> Batches { get; set; } = [];

    /// <summary>The number of the last lease.</summary>
    [Id(2)]
    public long LastLease { get; set; }

    /// <summary>Whether trials wait for a worker, or train.</summary>
    public bool IsUnderWay => Parts.Any(part => part.Status != PartStatus.Done);

    /// <summary>The parts that workers have.</summary>
    public IEnumerable<(LedgerBatch Batch, LedgerPart Part)> Leased =>
        from batch in Batches
        from part in batch.Parts
        where part.Status == PartStatus.Leased
        select (batch, part);

    private IEnumerable<LedgerPart> Parts => Batches.SelectMany(batch => batch.Parts);

    /// <summary>Takes a batch in; returns false for one that is there already.</summary>
    public bool Submit(Submission batch)
    {
        if (Find(batch.Batch) is not null) return false;
        Batches.Add(new LedgerBatch
        {
            Id = batch.Batch,
            IsWhole = batch.IsWhole,
            Rung = batch.Rung,
            KeepsStates = batch.KeepsStates,
            Parts = [new LedgerPart { Count = batch.Count }],
        });
        return true;
    }

    /// <summary>
    /// Gives a worker the trials of the highest rung, of these those that have waited longest: as many as were submitted together, but
    /// where workers would be left without any, ⌈waiting / idle workers⌉, or of one that comes alone 2 · ⌈waiting / workers⌉, rounded up to
    /// sixteen. A worker that has some already is given these again. One that has failed to train some is not given these while there is
    /// another that has not.
    /// </summary>
    /// <param name="worker">The silo.</param>
    /// <param name="workers">All silos that work, this one included.</param>
    /// <returns>What it is given; null where none wait for it.</returns>
    public Lease? Claim(string worker, IReadOnlyCollection<string> workers)
    {
        foreach (var (its, leased) in Leased)
            if (leased.Worker == worker)
                return LeaseOf(its, leased);
        // Those that train are there too, also where they have not been heard yet.
        var (place, all) = (PlaceOf(worker), workers.Concat(Leased.Select(leased => leased.Part.Worker!)).Select(PlaceOf));
        if (Batches.Where(one => one.Parts.Exists(IsForIt)).MaxBy(one => one.Rung) is not { } batch) return null;
        var part = batch.Parts.Find(IsForIt)!;
        if (!batch.IsWhole)
        {
            var waiting = Parts.Where(one => one.Status == PartStatus.Waiting).Sum(one => one.Count);
            var idle = workers.Count - Leased.Count();
            // Who comes alone takes twice its part: others come again, and each batch costs something beside its trials.
            var share = idle > 1 ? Part(waiting, idle) : 2 * Part(waiting, Math.Max(1, workers.Count));
            Cut(batch, part, Part(share, LeastShare) * LeastShare);
        }

        (part.Status, part.Worker, part.Lease) = (PartStatus.Leased, worker, ++LastLease);
        return LeaseOf(batch, part);

        bool IsForIt(LedgerPart one) => one.Status == PartStatus.Waiting
            && (!one.FailedAt.Contains(place) || all.All(other => one.FailedAt.Contains(other)));
    }

    /// <summary>Whether a worker has still what it was given.</summary>
    public bool Holds(Lease lease) => Find(lease) is { Status: PartStatus.Leased } part && part.Lease == lease.Number;

    /// <summary>
    /// Takes note that the results of a lease are there; returns false where they were already, or nobody waits for them.
    /// </summary>
    public bool Complete(Lease lease)
    {
        if (Find(lease) is not { Status: not PartStatus.Done } part) return false;
        part.Status = PartStatus.Done;
        return true;
    }

    /// <summary>Whether anything has been trained, or trains: what a later sweep can go on from.</summary>
    public bool HasBegun => Parts.Any(part => part.Status != PartStatus.Waiting);

    /// <summary>Has trials wait again whose worker cannot go on, by no fault of theirs; or whose results are lost.</summary>
    public static void Return(LedgerPart part) => part.Status = PartStatus.Waiting;

    /// <summary>
    /// Has trials wait again whose worker has failed to train them. After three failures those that trained together are taken apart,
    /// and each waits alone, with three tries of its own: it need not be the one at fault. One that trained alone is given up.
    /// </summary>
    /// <param name="batch">Their batch.</param>
    /// <param name="part">The trials.</param>
    /// <param name="reason">How the worker failed.</param>
    public static void ReturnFailed(LedgerBatch batch, LedgerPart part, string reason)
    {
        part.Status = PartStatus.Waiting;
        part.FailedAt = [.. part.FailedAt, PlaceOf(part.Worker!)];
        if (part.FailedAt.Length < MostFailures) return;
        if (part.Count == 1)
        {
            part.Status = PartStatus.Done;
            part.Failure = $"It was given up: {Quantity.Of(part.FailedAt.Length, "time")} a worker failed while training it, at "
                + $"{string.Join(", ", part.FailedAt.CountBy(place => place).Select(place => Times(place.Key, place.Value)))}. The last "
                + $"time: {reason}";
            return;
        }

        (part.FailedAt, part.IsTakenApart) = ([], true);
        while (part.Count > 1) part = Cut(batch, part, 1);

        static string Times(string place, int times) => times == 1 ? place : $"{place} ({Quantity.Of(times, "time")})";
    }

    /// <summary>A copy of all.</summary>
    public StudyLedger Copy() => new() { Rows = Rows, Batches = [.. Batches.Select(batch => batch.Copy())], LastLease = LastLease };

    /// <summary>A batch; null where it is not known.</summary>
    public LedgerBatch? Find(string id) => Batches.Find(batch => batch.Id == id);

    /// <summary>The part that a lease is of; null where there is none such.</summary>
    public LedgerPart? Find(Lease lease) =>
        Find(lease.Batch)?.Parts.Find(part => part.First == lease.First && part.Count == lease.Count);

    /// <summary>
    /// Cuts a part so that it has at most so many trials; returns the part behind the cut, or itself where there is none.
    /// </summary>
    private static LedgerPart Cut(LedgerBatch batch, LedgerPart part, int most)
    {
        if (part.Count <= most) return part;
        var rest = new LedgerPart
        {
            First = part.First + most,
            Count = part.Count - most,
            FailedAt = part.FailedAt,
            IsTakenApart = part.IsTakenApart,
        };
        part.Count = most;
        batch.Parts.Insert(batch.Parts.IndexOf(part) + 1, rest);
        return rest;
    }

    // A silo that is started again at the same address and port is the same worker: after the "@" stands when it was started.
    private static string PlaceOf(string silo) => silo.Split('@')[0];

    private static int Part(int whole, int parts) => (whole - 1) / parts + 1;

    private Lease LeaseOf(LedgerBatch batch, LedgerPart part) => new(batch.Id, part.First, part.Count, part.Lease, Rows!);
}
