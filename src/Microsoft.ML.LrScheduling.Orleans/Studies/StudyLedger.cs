using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// The batches of a study and their status. Each trial is in exactly one part of one batch, and a part is completed only once: therefore
/// each trial counts once, whichever process dies and whichever call is repeated.
/// </summary>
[GenerateSerializer]
internal sealed class StudyLedger
{
    /// <summary>The number of failures after which trials are trained one by one, and a trial that trains alone is given up.</summary>
    public const int MostFailures = 3;

    // The engine trains sixteen models in one vector.
    private const int LeastShare = 16;

    /// <summary>The rows; null before the first client has joined.</summary>
    [Id(0)]
    public StudyRows? Rows { get; set; }

    /// <summary>The batches, in the order in which they were submitted.</summary>
    [Id(1)]
    public List<LedgerBatch> Batches { get; set; } = [];

    /// <summary>The number of the last lease.</summary>
    [Id(2)]
    public long LastLease { get; set; }

    /// <summary>Whether some trials wait or train.</summary>
    public bool IsUnderWay => Parts.Any(part => part.Status != PartStatus.Done);

    /// <summary>The parts that workers are training.</summary>
    public IEnumerable<(LedgerBatch Batch, LedgerPart Part)> Leased =>
        from batch in Batches
        from part in batch.Parts
        where part.Status == PartStatus.Leased
        select (batch, part);

    private IEnumerable<LedgerPart> Parts => Batches.SelectMany(batch => batch.Parts);

    /// <summary>Adds a batch; returns false if it is there already.</summary>
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
    /// Gives a worker the oldest part that waits at the highest rung. A part that may be split is shortened to ⌈waiting / idle workers⌉
    /// trials if several workers are idle, and to 2 · ⌈waiting / workers⌉ if only this one is; both are rounded up to a multiple of
    /// sixteen. A worker that has a part already gets it again. A worker that has failed to train a part does not get it while there is
    /// another worker that has not.
    /// </summary>
    /// <param name="worker">The silo.</param>
    /// <param name="workers">All silos that work, including this one.</param>
    /// <returns>The lease; null if no trials wait for this worker.</returns>
    public Lease? Claim(string worker, IReadOnlyCollection<string> workers)
    {
        foreach (var (its, leased) in Leased)
            if (leased.Worker == worker)
                return LeaseOf(its, leased);
        // After the study has moved to another silo, workers that train have a lease, but have not called yet.
        var (place, all) = (PlaceOf(worker), workers.Concat(Leased.Select(leased => leased.Part.Worker!)).Select(PlaceOf));
        if (Batches.Where(one => one.Parts.Exists(IsForIt)).MaxBy(one => one.Rung) is not { } batch) return null;
        var part = batch.Parts.Find(IsForIt)!;
        if (!batch.IsWhole)
        {
            var waiting = Parts.Where(one => one.Status == PartStatus.Waiting).Sum(one => one.Count);
            var idle = workers.Count - Leased.Count();
            // A worker that is idle alone gets twice its share: the others claim later, and each batch has a cost of its own.
            var share = idle > 1 ? Part(waiting, idle) : 2 * Part(waiting, Math.Max(1, workers.Count));
            Cut(batch, part, Part(share, LeastShare) * LeastShare);
        }

        (part.Status, part.Worker, part.Lease) = (PartStatus.Leased, worker, ++LastLease);
        return LeaseOf(batch, part);

        bool IsForIt(LedgerPart one) => one.Status == PartStatus.Waiting
            && (!one.FailedAt.Contains(place) || all.All(other => one.FailedAt.Contains(other)));
    }

    /// <summary>Whether a lease is still valid.</summary>
    public bool Holds(Lease lease) => Find(lease) is { Status: PartStatus.Leased } part && part.Lease == lease.Number;

    /// <summary>Records that the results of a lease are stored; returns false if they were before, or if nobody waits for them.</summary>
    public bool Complete(Lease lease)
    {
        if (Find(lease) is not { Status: not PartStatus.Done } part) return false;
        part.Status = PartStatus.Done;
        return true;
    }

    /// <summary>Whether any part has been trained or is training, so that a later sweep can continue from it.</summary>
    public bool HasBegun => Parts.Any(part => part.Status != PartStatus.Waiting);

    /// <summary>Makes a part wait again. This does not count as a failure.</summary>
    public static void Return(LedgerPart part) => part.Status = PartStatus.Waiting;

    /// <summary>
    /// Makes a part wait again after its worker has failed. After three failures, the trials of the part are split and each waits alone,
    /// with three tries of its own, since one of them may have caused the failures. A trial that trained alone is given up.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="part">The part.</param>
    /// <param name="reason">The reason of the failure.</param>
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

    /// <summary>Returns a deep copy.</summary>
    public StudyLedger Copy() => new() { Rows = Rows, Batches = [.. Batches.Select(batch => batch.Copy())], LastLease = LastLease };

    /// <summary>Returns a batch; null if it is unknown.</summary>
    public LedgerBatch? Find(string id) => Batches.Find(batch => batch.Id == id);

    /// <summary>Returns the part of a lease; null if there is none, for example because it was split.</summary>
    public LedgerPart? Find(Lease lease) =>
        Find(lease.Batch)?.Parts.Find(part => part.First == lease.First && part.Count == lease.Count);

    /// <summary>
    /// Shortens a part to at most this many trials; returns the new part with the other trials, or the part itself if it is short enough.
    /// </summary>
    private static LedgerPart Cut(LedgerBatch batch, LedgerPart part, int most)
    {
        if (part.Count <= most) return part;
        if (part.Lease > 0) batch.CutParts = [.. batch.CutParts ?? [], part.Copy()];
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

    // A silo that restarts at the same address and port is the same worker. The text after "@" is the time of its start.
    private static string PlaceOf(string silo) => silo.Split('@')[0];

    private static int Part(int whole, int parts) => (whole - 1) / parts + 1;

    private Lease LeaseOf(LedgerBatch batch, LedgerPart part) => new(batch.Id, part.First, part.Count, part.Lease, Rows!);
}
