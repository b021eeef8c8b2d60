using System.Diagnostics;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A study of a cluster as a sweep sees it: submits batches to it, and polls it for results.</summary>
/// <param name="workers">What was asked for.</param>
/// <param name="name">The name of the study.</param>
/// <param name="rows">The rows.</param>
/// <param name="files">The files of the rows.</param>
/// <param name="note">Told what a user should know.</param>
/// <param name="journal">The journal of the sweep; null where it has none.</param>
/// <param name="cancellation">What ends the sweep.</param>
internal sealed class ClusterStudy(
    OrleansWorkers workers, string name, StudyRows rows, RowFiles files, Action<string> note, string? journal, Cancellation cancellation)
{
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WithoutWorkers = TimeSpan.FromSeconds(10);
    // When some refuse the rows, others may take them yet.
    private static readonly TimeSpan ForOthers = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ForLeaving = TimeSpan.FromSeconds(10);

    private readonly ClusterCalls _calls = new(workers.LongestSilence, note, cancellation);
    private readonly string _client = ClientOf(journal);
    private readonly List<ClusterWork> _unfinished = [];
    private readonly Queue<ClusterWork> _finished = [];
    private readonly HashSet<string> _noted = [];
    private long _workersSeen = Stopwatch.GetTimestamp();

    /// <summary>The name of the study.</summary>
    public string Name => name;

    /// <summary>Whether the study is of other rows, and has refused these.</summary>
    public bool IsRefused { get; private set; }

    private IStudyGrain Study => workers.Client.GetGrain<IStudyGrain>(name);

    /// <summary>Opens the study, or joins those who ask already.</summary>
    /// <exception cref="InvalidOperationException">The study is of other rows; or the cluster does not answer.</exception>
    public void Join()
    {
        if (_calls.Get(() => Study.Join(_client, rows)) is not { } refusal) return;
        IsRefused = true;
        throw new InvalidOperationException(refusal);
    }

    /// <summary>Has a batch trained.</summary>
    public void Begin(ClusterWork work)
    {
        Submit(work);
        _unfinished.Add(work);
    }

    /// <summary>Waits until all that is wanted of a batch is there; returns that one.</summary>
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

    /// <summary>Ends the asking, also where the sweep was cancelled.</summary>
    /// <param name="isOver">Whether the sweep has all that it asked for.</param>
    /// <returns>Whether nobody else asks, and nothing is kept any more.</returns>
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
                // It may have been a moment, in which a silo or its storage was not there.
            }

        // The cluster does not answer: what it keeps is found again by the name of the study.
        return false;
    }

    // The trials first, so that a batch that is known always has some.
    private void Submit(ClusterWork work)
    {
        _calls.Do(() => workers.Client.PutBytes(GrainNames.Trials(name, work.Name), work.Bytes));
        _calls.Do(() => Study.Submit(work.Submission));
    }

    /// <summary>Takes what has come of all batches; returns whether there was anything.</summary>
    private bool Poll()
    {
        var answer = _calls.Get(() => Study.Poll(_client, [.. _unfinished.Select(work => work.Name)]));
        foreach (var refusal in answer.Refusals.Where(_noted.Add)) note(refusal);
        CheckWorkers(answer);
        if (answer.Unknown.Length > 0)
        {
            // Whoever took this sweep for dead, and ended the study, has deleted the rows too.
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

    private static string ClientOf(string? journal)
    {
        var own = $"{Guid.NewGuid():N}";
        return $"{(journal is null ? own : $"{Environment.MachineName}/{Path.GetFullPath(journal)}")}#{own}";
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
