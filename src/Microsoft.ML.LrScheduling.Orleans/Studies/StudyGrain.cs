using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A study: its ledger, which is stored, and its current clients and workers, which are not.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="membership">Knows which silos are dead.</param>
/// <param name="options">Has the duration of leases.</param>
internal sealed class StudyGrain(
    [PersistentState("ledger", LrSchedulingSiloBuilderExtensions.StorageName)] IPersistentState<StudyLedger> ledger,
    IClusterMembershipService membership, IOptions<LrSchedulingWorkerOptions> options) : Grain, IStudyGrain
{
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(1);
    // Clients poll several times a second.
    private static readonly TimeSpan ClientTime = TimeSpan.FromSeconds(30);

    // If the silo of the study dies, these are lost. Leases then last a whole LeaseTime again, since their workers may still train.
    // Times are from Stopwatch: the clock of the machine may be set.
    private readonly Dictionary<long, long> _renewed = [];
    private readonly Dictionary<string, long> _workers = [];
    private readonly Dictionary<string, long> _clients = [];
    private readonly Dictionary<string, string> _refusals = [];

    // The current ledger. Storage gets a copy, so that calls can change the ledger during a write.
    private StudyLedger? _ledger;
    private SharedWrites? _writes;

    private StudyLedger Ledger => _ledger ??= ledger.State;

    private string Name => this.GetPrimaryKeyString();

    private TimeSpan LeaseTime => options.Value.LeaseTime;

    private bool HasClients => _clients.Values.Any(seen => Stopwatch.GetElapsedTime(seen) < ClientTime);

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Check, new GrainTimerCreationOptions(BetweenChecks, BetweenChecks));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<string?> Join(string client, StudyRows rows)
    {
        if (Ledger.Rows is { } known && (known.Hash, known.Trainer) != (rows.Hash, rows.Trainer))
            return OtherRows.Refusal(Name, known, rows, isUnderWay: HasClients);
        // A journal has one sweep at a time: an earlier client of this journal has died.
        foreach (var before in _clients.Keys.Where(other => JournalOf(other) == JournalOf(client) && other != client).ToArray())
            _clients.Remove(before);
        // Workers would read the new files, and the last sweep to end would delete only its own.
        if (Ledger.Rows is { } others && others.Training != rows.Training && HasClients)
            return OtherRows.FolderRefusal(Name, others, rows);
        // The new client may have written the files again: workers that refused them may try again.
        if (!_clients.ContainsKey(client)) _refusals.Clear();
        _clients[client] = Stopwatch.GetTimestamp();
        if (Ledger.Rows != rows)
        {
            Ledger.Rows = rows;
            await Save();
        }

        await GrainFactory.GetGrain<IStudiesGrain>(0).Open(Name);
        return null;
    }

    /// <inheritdoc/>
    public Task Submit(Submission batch) => Ledger.Submit(batch) ? Save() : Task.CompletedTask;

    /// <inheritdoc/>
    public Task<StudyAnswer> Poll(string client, string[] batches)
    {
        _clients[client] = Stopwatch.GetTimestamp();
        var found = batches.Select(batch => (Id: batch, Batch: Ledger.Rows is null ? null : Ledger.Find(batch))).ToArray();
        return Task.FromResult(new StudyAnswer(
            [
                .. from one in found
                   from part in one.Batch?.Parts ?? []
                   where part.Status == PartStatus.Done
                   select new FinishedPart(one.Id, part.First, part.Count, part.Failure, part.IsTakenApart),
            ],
            [
                .. from one in found
                   from part in one.Batch?.Parts ?? []
                   where part.Status == PartStatus.Leased
                   select new TakenPart(one.Id, part.First, part.Count),
            ],
            [.. found.Where(one => one.Batch is null).Select(one => one.Id)], _workers.Count, [.. _refusals.Values]));
    }

    /// <inheritdoc/>
    public Task Lose(FinishedPart part)
    {
        if (Ledger.Find(new Lease(part.Batch, part.First, part.Count, 0, Ledger.Rows!)) is not { Status: PartStatus.Done } lost)
            return Task.CompletedTask;
        StudyLedger.Return(lost);
        return Save();
    }

    /// <inheritdoc/>
    public async Task<bool> Leave(string client, bool isOver)
    {
        _clients.Remove(client);
        if (HasClients) return false;
        await GrainFactory.GetGrain<IStudiesGrain>(0).Close(Name);
        if (!isOver && Ledger.HasBegun) return false;
        var kept =
            from batch in Ledger.Batches
            from name in batch.Parts.Concat(batch.CutParts ?? []).Select(part => GrainNames.Results(Name, batch.Id, part.First, part.Count))
                .Concat(Enumerable.Range(0, batch.KeepsStates ? batch.CountTrials() : 0).Select(i => GrainNames.State(Name, batch.Id, i)))
                .Append(GrainNames.Trials(Name, batch.Id))
            select name;
        var all = kept.ToArray();
        // Calls during the deletion see an empty study. The stored ledger is deleted last, because it lists what must be deleted.
        _ledger = new StudyLedger();
        try
        {
            foreach (var some in all.Chunk(100)) await Task.WhenAll(some.Select(name => GrainFactory.ClearBytes(name)));
            await Save();
            await ledger.ClearStateAsync();
            return true;
        }
        finally
        {
            DeactivateOnIdle();
        }
    }

    /// <inheritdoc/>
    public async Task<Lease?> Claim(string worker)
    {
        if (_refusals.ContainsKey(worker)) return null;
        _workers[worker] = Stopwatch.GetTimestamp();
        if (Ledger.Rows is null) return null;
        var before = Ledger.LastLease;
        if (Ledger.Claim(worker, _workers.Keys) is not { } lease) return null;
        _renewed[lease.Number] = Stopwatch.GetTimestamp();
        if (Ledger.LastLease != before) await Save();
        return lease;
    }

    /// <inheritdoc/>
    public Task<bool> Renew(Lease lease)
    {
        var holds = Ledger.Holds(lease);
        if (holds && Ledger.Find(lease) is { Worker: { } worker })
            _renewed[lease.Number] = _workers[worker] = Stopwatch.GetTimestamp();
        return Task.FromResult(holds);
    }

    /// <inheritdoc/>
    public async Task<ResultUse> Complete(Lease lease)
    {
        if (Ledger.Complete(lease)) await Save();
        return Ledger.Find(lease) is not null ? ResultUse.Counted
            : Ledger.Find(lease.Batch) is not null ? ResultUse.OfTrialsTakenApart : ResultUse.OfNobody;
    }

    /// <inheritdoc/>
    public Task GiveBack(string worker)
    {
        _workers.Remove(worker);
        return Return(part => part.Worker == worker, (_, part) => StudyLedger.Return(part));
    }

    /// <inheritdoc/>
    public Task Fail(Lease lease, string reason) =>
        Return(part => part.Lease == lease.Number, (batch, part) => StudyLedger.ReturnFailed(batch, part, reason));

    /// <inheritdoc/>
    public Task Refuse(string worker, string reason)
    {
        _refusals[worker] = reason;
        return GiveBack(worker);
    }

    private async Task Check(CancellationToken cancellation)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var (worker, seen) in _workers.ToArray())
            if (Stopwatch.GetElapsedTime(seen, now) > LeaseTime || IsDead(worker)) _workers.Remove(worker);
        foreach (var worker in _refusals.Keys.Where(IsDead).ToArray()) _refusals.Remove(worker);
        await Return(part => IsDead(part.Worker!), (batch, part) =>
            StudyLedger.ReturnFailed(batch, part, $"the silo {part.Worker} died."));
        foreach (var (_, part) in Ledger.Leased) _renewed.TryAdd(part.Lease, now);
        await Return(part => Stopwatch.GetElapsedTime(_renewed[part.Lease], now) > LeaseTime, (_, part) => StudyLedger.Return(part));
    }

    // The name of a client is its journal (or a unique text), then '#' and a unique text.
    private static string JournalOf(string client) => client[..client.LastIndexOf('#')];

    // An unknown silo is not dead: it may have joined just now. Its lease ends by time.
    private bool IsDead(string silo) =>
        membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(silo)) == SiloStatus.Dead;

    private async Task Return(Func<LedgerPart, bool> which, Action<LedgerBatch, LedgerPart> take)
    {
        var found = Ledger.Leased.Where(leased => which(leased.Part)).ToArray();
        if (found.Length == 0) return;
        foreach (var (batch, part) in found) take(batch, part);
        await Save();
    }

    private Task Save() => (_writes ??= new SharedWrites(() =>
    {
        ledger.State = Ledger.Copy();
        return this.SaveOrForget(ledger);
    })).WriteAsync();
}
