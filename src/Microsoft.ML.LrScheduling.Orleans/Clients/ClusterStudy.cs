using System.Diagnostics;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The client of a study: submits batches, and polls for their results.</summary>
/// <param name="workers">The settings.</param>
/// <param name="name">The name of the study.</param>
/// <param name="rows">The description of the rows.</param>
/// <param name="files">The files of the rows.</param>
/// <param name="note">Receives notes for the user.</param>
/// <param name="journal">The journal of the sweep; null for none.</param>
/// <param name="cancellation">Ends the sweep.</param>
internal sealed class ClusterStudy(
    OrleansWorkers workers, string name, StudyRows rows, RowFiles files, Action<string> note, string? journal, Cancellation cancellation)
{
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WithoutWorkers = TimeSpan.FromSeconds(10);
    // If some workers refuse the rows, others may still accept them.
    private static readonly TimeSpan ForOthers = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ForLeaving = TimeSpan.FromSeconds(10);

    private readonly ClusterCalls _calls = new(workers.LongestSilence, note, cancellation);
    // A client without a journal gets a unique text in its place.
    private readonly string _journal =
        journal is null ? $"{Guid.NewGuid():N}" : $"{Environment.MachineName}/{Path.GetFullPath(journal)}";

    private readonly List<ClusterWork> _unfinished = [];
    private readonly Queue<ClusterWork> _finished = [];
    private readonly HashSet<string> _noted = [];
    private string _client = "";
    private long _workersSeen = Stopwatch.GetTimestamp();

    /// <summary>The name of the study.</summary>
    public string Name => name;

    /// <summary>Whether the study has refused this sweep, because it has other rows, another trainer or another folder.</summary>
    public bool IsRefused { get; private set; }

    private IStudyGrain Study => workers.Client.GetGrain<IStudyGrain>(name);

    /// <summary>Opens the study, or joins its other clients.</summary>
    /// <exception cref="InvalidOperationException">
    /// The study has other rows, another trainer or another folder, or the cluster does not answer.
    /// </exception>
    public void Join()
    {
        // A new name: workers that have refused the rows try again when a new client joins.
        _client = $"{_journal}#{Guid.NewGuid():N}";
        if (_calls.Get(() => Study.Join(_client, rows)) is not { } refusal) return;
        IsRefused = true;
        throw new InvalidOperationException(refusal);
    }

    /// <summary>Submits a batch. <see cref="WaitForOne"/> returns it when its results are complete.</summary>
    public void Begin(ClusterWork work)
    {
        Submit(work);
        _unfinished.Add(work);
    }

    /// <summary>Waits until the results of a batch are complete, and returns the batch.</summary>
    /// <exception cref="InvalidOperationException">The cluster does not answer, or no worker can train.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public ClusterWork WaitForOne()
    {
        while (_finished.Count == 0)
        {
            cancellation.ThrowIfRequested();
            if (!Poll()) Thread.Sleep(BetweenPolls);
        }

        return _finished.Dequeue();
    }

    /// <summary>Leaves the study. Also called if the sweep was cancelled.</summary>
    /// <param name="isOver">Whether the sweep has all its results.</param>
    /// <returns>Whether this was the last client, and the state of the study has been deleted.</returns>
    public bool Leave(bool isOver)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < ForLeaving; Thread.Sleep(BetweenPolls))
            try
            {
                var leaving = Task.Run(() => Study.Leave(_client, isOver));
                return leaving.Wait(ForLeaving) && leaving.Result;
            }
            catch (AggregateException)
            {
                // The silo of the study, or its storage, may be down for a moment: try again.
            }

        // The cluster does not answer. The next sweep of this study finds its state by the name.
        return false;
    }

    // The trials are stored first: a batch in the ledger always has its trials in storage.
    private void Submit(ClusterWork work)
    {
        _calls.Do(() => workers.Client.PutBytes(GrainNames.Trials(name, work.Name), work.Bytes));
        _calls.Do(() => Study.Submit(work.Submission));
    }

    /// <summary>Collects the results that are there; returns whether there were any.</summary>
    private bool Poll()
    {
        var answer = _calls.Get(() => Study.Poll(_client, [.. _unfinished.Select(work => work.Name)]));
        if (answer.Refusals.Length > 0 && !files.AreThere)
        {
            // Another sweep has ended the study and deleted the files, after this one had found them whole.
            files.Write();
            Join();
            return false;
        }

        foreach (var refusal in answer.Refusals.Where(_noted.Add)) note(refusal);
        CheckWorkers(answer);
        if (answer.Unknown.Length > 0)
        {
            // If another sweep took this one for dead and ended the study, it deleted the rows too.
            files.Write();
            Join();
            foreach (var work in _unfinished.Where(work => answer.Unknown.Contains(work.Name))) Submit(work);
        }

        foreach (var part in answer.Taken) _unfinished.Find(one => one.Name == part.Batch)?.Begin(part);
        var isAny = false;
        foreach (var part in answer.Finished)
        {
            var work = _unfinished.Find(one => one.Name == part.Batch);
            if (work?.Has(part) != false) continue;
            isAny |= Take(work, part);
            if (!work.IsOver) continue;
            _unfinished.Remove(work);
            _finished.Enqueue(work);
        }

        return isAny;
    }

    private bool Take(ClusterWork work, FinishedPart part)
    {
        var results = part.Failure is not null ? null : _calls.Get(() => workers.Client.GetBytes(
            GrainNames.Results(name, part.Batch, part.First, part.Count)));
        if (results is null && part.Failure is null)
        {
            _calls.Do(() => Study.Lose(part));
            return false;
        }

        if (work.Take(part, results) is { } apart) note(apart);
        return true;
    }

    private void CheckWorkers(StudyAnswer answer)
    {
        if (answer.Workers > 0) _workersSeen = Stopwatch.GetTimestamp();
        var without = Stopwatch.GetElapsedTime(_workersSeen);
        if (answer.Refusals.Length > 0 && without > ForOthers)
            throw new InvalidOperationException($"No worker can train the trials. {string.Join(' ', answer.Refusals)}");
        if (without < WithoutWorkers) return;
        const string None = "No worker of the cluster has taken trials. The sweep waits: start silos with AddLrSchedulingWorker.";
        if (_noted.Add(None)) note(None);
    }
}
