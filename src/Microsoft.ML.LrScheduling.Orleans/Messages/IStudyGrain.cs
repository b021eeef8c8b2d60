using Orleans.Concurrency;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// A study of a cluster, by its name: who asks submits batches of trials, workers claim and complete them. Every call may be repeated. What
/// workers and clients say again and again does not wait for what others have written.
/// </summary>
internal interface IStudyGrain : IGrainWithStringKey
{
    /// <summary>Opens the study, or joins those who ask already.</summary>
    /// <param name="client">
    /// Who asks: its journal, or something of its own, then <c>#</c> and what is its own. Of one journal the last one counts.
    /// </param>
    /// <param name="rows">The rows.</param>
    /// <returns>Null, or why not: the study is of other rows.</returns>
    [ResponseTimeout("00:00:05")]
    Task<string?> Join(string client, StudyRows rows);

    /// <summary>Has the trials of a batch trained whose options are kept; one that is there already stays as it is.</summary>
    /// <param name="batch">The batch.</param>
    [ResponseTimeout("00:00:05")]
    Task Submit(Submission batch);

    /// <summary>How batches stand.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="batches">Those that it waits for.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<StudyAnswer> Poll(string client, string[] batches);

    /// <summary>Has trials trained again whose results are lost.</summary>
    [ResponseTimeout("00:00:05")]
    Task Lose(FinishedPart part);

    /// <summary>
    /// Ends the asking of a client. Where it was the last one, no more trials are given out until somebody joins.
    /// </summary>
    /// <param name="client">Who asked.</param>
    /// <param name="isOver">
    /// Whether it has all that it asked for: where it was the last one, all that is kept is deleted. So it is where nothing has been
    /// trained yet, from which another could go on.
    /// </param>
    /// <returns>Whether all that was kept has been deleted.</returns>
    [ResponseTimeout("00:01:00")]
    Task<bool> Leave(string client, bool isOver);

    /// <summary>Gives a worker trials; null where none wait, or it has refused the rows.</summary>
    /// <param name="worker">The silo.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<Lease?> Claim(string worker);

    /// <summary>Says that a worker trains still; returns false where it may stop.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<bool> Renew(Lease lease);

    /// <summary>Says that the results of a lease are kept; returns what becomes of them.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<ResultUse> Complete(Lease lease);

    /// <summary>Gives back what a worker has, by no fault of the trials.</summary>
    /// <param name="worker">The silo.</param>
    [ResponseTimeout("00:00:05")]
    Task GiveBack(string worker);

    /// <summary>Says that a worker has failed to train, as by a lack of memory: another one tries.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="reason">Why.</param>
    [ResponseTimeout("00:00:05")]
    Task Fail(Lease lease, string reason);

    /// <summary>Says that a worker cannot train on the rows: it is given no more, and gives back what it has.</summary>
    /// <param name="worker">The silo.</param>
    /// <param name="reason">Why.</param>
    [ResponseTimeout("00:00:05")]
    Task Refuse(string worker, string reason);
}
