using Orleans.Concurrency;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// A study, by its name. Clients submit batches of trials; workers claim and complete them. Every call may be repeated. The frequent calls
/// interleave with others, so that they do not wait for writes to storage.
/// </summary>
internal interface IStudyGrain : IGrainWithStringKey
{
    /// <summary>Opens the study, or joins its other clients.</summary>
    /// <param name="client">
    /// The client: its journal, or a unique text if it has none, then <c>#</c> and a unique text. A client replaces an earlier one with the
    /// same journal.
    /// </param>
    /// <param name="rows">The rows.</param>
    /// <returns>Null, or the reason for a refusal: the study has other rows, another trainer or another folder.</returns>
    [ResponseTimeout("00:00:05")]
    Task<string?> Join(string client, StudyRows rows);

    /// <summary>Adds a batch, whose trials are stored. A batch that is there already does not change.</summary>
    /// <param name="batch">The batch.</param>
    [ResponseTimeout("00:00:05")]
    Task Submit(Submission batch);

    /// <summary>Returns the progress of batches.</summary>
    /// <param name="client">The client.</param>
    /// <param name="batches">The batches that it waits for.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<StudyAnswer> Poll(string client, string[] batches);

    /// <summary>Makes trials wait again, because their results are lost.</summary>
    [ResponseTimeout("00:00:05")]
    Task Lose(FinishedPart part);

    /// <summary>Removes a client. After the last one, workers get no more trials until a client joins.</summary>
    /// <param name="client">The client.</param>
    /// <param name="isOver">
    /// Whether the client has all its results. If it is the last client, the state of the study is then deleted. It is also deleted if no
    /// worker has started a trial.
    /// </param>
    /// <returns>Whether the state of the study has been deleted.</returns>
    [ResponseTimeout("00:01:00")]
    Task<bool> Leave(string client, bool isOver);

    /// <summary>Returns trials for a worker; null if no trials wait for it, or if it has refused the rows.</summary>
    /// <param name="worker">The silo.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<Lease?> Claim(string worker);

    /// <summary>Extends a lease. Returns false if the worker no longer holds it, and should stop.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<bool> Renew(Lease lease);

    /// <summary>Reports that the results of a lease are stored; returns what the study does with them.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<ResultUse> Complete(Lease lease);

    /// <summary>Returns the trials of a worker. This does not count as a failure.</summary>
    /// <param name="worker">The silo.</param>
    [ResponseTimeout("00:00:05")]
    Task GiveBack(string worker);

    /// <summary>Reports that a worker has failed to train, for example for lack of memory. Another worker then tries.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="reason">The reason.</param>
    [ResponseTimeout("00:00:05")]
    Task Fail(Lease lease, string reason);

    /// <summary>Reports that a worker cannot train on the rows. Its trials are returned, and it gets no more.</summary>
    /// <param name="worker">The silo.</param>
    /// <param name="reason">The reason.</param>
    [ResponseTimeout("00:00:05")]
    Task Refuse(string worker, string reason);
}
