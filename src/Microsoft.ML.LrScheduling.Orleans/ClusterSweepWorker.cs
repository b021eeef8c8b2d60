using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The workers of a cluster, as a sweep sees them: submits batches to a study, and polls it for results.</summary>
/// <param name="workers">What was asked for.</param>
/// <param name="local">Reads the rows in this process, and makes models.</param>
/// <param name="data">The data.</param>
/// <param name="cancellation">What ends the sweep.</param>
internal sealed class ClusterSweepWorker(
    OrleansWorkers workers, InProcessWorker local, SweepData data, Cancellation cancellation) : ISweepWorker
{
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WithoutWorkers = TimeSpan.FromSeconds(10);
    // When some refuse the rows, others may take them yet.
    private static readonly TimeSpan ForOthers = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ForLeaving = TimeSpan.FromSeconds(10);

    private readonly ClusterCalls _calls = new(workers.LongestSilence, cancellation);
    private readonly string _client = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    private readonly List<ClusterBatch> _unfinished = [];
    private readonly HashSet<string> _noted = [];
    private StudyRows? _rows;
    private RowFiles? _files;
    private string _name = "";
    private DateTime _workersSeen = DateTime.UtcNow;

    /// <inheritdoc/>
    public int BatchesAtOnce => workers.BatchesAtOnce;

    private IStudyGrain Study => workers.Client.GetGrain<IStudyGrain>(_name);

    /// <inheritdoc/>
    public SweepRows Read(IReadOnlyList<TrialWork> trials, bool isHashed)
    {
        // What cannot travel is refused before anything is written.
        TrialTexts.Write(trials);
        var rows = local.Read(trials, isHashed: true);
        _name = workers.Study ?? $"{rows.Trainer}-{rows.Hash[..16]}";
        _files = new RowFiles(workers.Folder, _name, rows.Hash, data, local.Features);
        _files.Write();
        _rows = new StudyRows(
            rows.Trainer, rows.Options.ToJsonWithoutDelegates(), _files.Training, _files.Validation, _files.Features, rows.Text, rows.Hash);
        Join();
        return rows;
    }

    /// <inheritdoc/>
    public ITrialBatch Begin(
        IReadOnlyList<TrialWork> together, IReadOnlySet<int> wanted, IReadOnlyDictionary<int, TrainingState> states, IBatchObserver told)
    {
        var bytes = TrialTexts.Write(together);
        var batch = new ClusterBatch(TrialTexts.NameOf(bytes), together, wanted, told, one => WaitFor(one, told));
        Submit(batch, bytes);
        _unfinished.Add(batch);
        return batch;
    }

    /// <inheritdoc/>
    public IEnumerable<FoldResult> CrossValidate(IReadOnlyList<TrialWork> trials, Metric metric, Func<int, int, bool> isKnown) =>
        local.CrossValidate(trials, metric, isKnown);

    /// <inheritdoc/>
    public ITransformer ModelOf(TrialWork trial, LinearWeights weights, TrainingHistory history) => local.ModelOf(trial, weights, history);

    /// <inheritdoc/>
    public void Dispose()
    {
        local.Dispose();
        if (_rows is null) return;
        try
        {
            // Also where the sweep was cancelled.
            var leaving = Task.Run(() => Study.Leave(_client, isOver: _unfinished.Count == 0));
            if (leaving.Wait(ForLeaving) && leaving.Result) _files!.Delete();
        }
        catch (AggregateException)
        {
            // The cluster does not answer: what it keeps is found again by the name of the study.
        }
    }

    private void Join()
    {
        if (_calls.Get(() => Study.Join(_client, _rows!)) is { } refusal) throw new InvalidOperationException(refusal);
    }

    // The trials first, so that a batch that is known always has some.
    private void Submit(ClusterBatch batch, byte[] trials)
    {
        _calls.Do(() => workers.Client.GetGrain<IBytesGrain>(GrainNames.Trials(_name, batch.Name)).Put(trials));
        _calls.Do(() => Study.Submit(batch.Name, batch.Trials.Count, !workers.SharesOut));
    }

    private void WaitFor(ClusterBatch batch, IBatchObserver told)
    {
        while (_unfinished.Contains(batch))
        {
            cancellation.ThrowIfRequested();
            if (!Poll(told)) Thread.Sleep(BetweenPolls);
        }
    }

    /// <summary>Takes what has come of all batches; returns whether there was anything.</summary>
    private bool Poll(IBatchObserver told)
    {
        var answer = _calls.Get(() => Study.Poll(_client, [.. _unfinished.Select(batch => batch.Name)]));
        foreach (var refusal in answer.Refusals.Where(_noted.Add)) told.Note(refusal);
        CheckWorkers(answer, told);
        if (answer.Unknown.Length > 0)
        {
            Join();
            foreach (var batch in _unfinished.Where(batch => answer.Unknown.Contains(batch.Name)))
                Submit(batch, TrialTexts.Write(batch.Trials));
        }

        var before = _unfinished.Count;
        var isAny = false;
        foreach (var part in answer.Finished)
        {
            var batch = _unfinished.Find(one => one.Name == part.Batch);
            if (batch?.Has(part) != false) continue;
            isAny |= Take(batch, part);
            if (batch.Running.Count == 0) _unfinished.Remove(batch);
        }

        return isAny || _unfinished.Count < before;
    }

    private bool Take(ClusterBatch batch, FinishedPart part)
    {
        var results = part.Failure is not null ? null : _calls.Get(() => workers.Client.GetGrain<IBytesGrain>(
            GrainNames.Results(_name, part.Batch, part.First, part.Count)).Get());
        if (results is null && part.Failure is null)
        {
            _calls.Do(() => Study.Lose(part));
            return false;
        }

        batch.Take(part, results);
        return true;
    }

    private void CheckWorkers(StudyAnswer answer, IBatchObserver told)
    {
        if (answer.Workers > 0) _workersSeen = DateTime.UtcNow;
        var without = DateTime.UtcNow - _workersSeen;
        if (answer.Refusals.Length > 0 && without > ForOthers)
            throw new InvalidOperationException($"No worker can train the trials. {string.Join(' ', answer.Refusals)}");
        if (without < WithoutWorkers) return;
        const string None = "No worker of the cluster has taken trials. The sweep waits: start silos with AddLrSchedulingWorker.";
        if (_noted.Add(None)) told.Note(None);
    }
}
