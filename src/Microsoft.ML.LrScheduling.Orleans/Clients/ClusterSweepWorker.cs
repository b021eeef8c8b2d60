using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Represents all workers of a cluster to a sweep.</summary>
/// <param name="workers">The settings.</param>
/// <param name="local">Reads the rows in this process, and makes models.</param>
/// <param name="data">The data.</param>
/// <param name="options">The options of the sweep.</param>
/// <param name="note">Receives notes for the user.</param>
/// <param name="cancellation">Ends the sweep.</param>
internal sealed class ClusterSweepWorker(
    OrleansWorkers workers, InProcessWorker local, SweepData data, SweepOptions options, Action<string> note,
    Cancellation cancellation) : ISweepWorker
{
    // For trials at the end of a leg: the name under which the state is stored, and the result if the trial is pruned there.
    private readonly Dictionary<int, string> _states = [];
    private readonly Dictionary<int, TrialResult> _standing = [];
    private ClusterStudy? _study;
    private RowFiles? _files;
    private bool _isOver;

    /// <inheritdoc/>
    public int BatchesAtOnce => workers.BatchesAtOnce;

    /// <inheritdoc/>
    public SweepRows Read(IReadOnlyList<TrialWork> trials, bool isHashed)
    {
        // Throws for options that cannot be sent, before anything is written.
        foreach (var trial in trials) TravellingTrial.Of(trial);
        var rows = local.Read(trials, isHashed: true);
        var name = workers.Study ?? $"{rows.Trainer}-{rows.Hash[..16]}";
        _files = new RowFiles(workers.Folder, name, rows.Hash, data, local.Features);
        _files.Write();
        _study = new ClusterStudy(
            workers, name, new StudyRows(
                rows.Trainer, rows.Options.ToJsonWithoutDelegates(), _files.Training, _files.Validation, _files.Features, rows.Text,
                rows.Hash, LibraryVersion.Text), _files, note, options.Journal, cancellation);
        _study.Join();
        return rows;
    }

    /// <inheritdoc/>
    public ITrialBatch Begin(TrialLeg leg, IReadOnlyDictionary<int, TrainingState> states, IBatchObserver told)
    {
        var work = new TravellingWork(
            [.. leg.Trials.Select(trial => TravellingTrial.Of(trial, _states.GetValueOrDefault(trial.Number)))], leg.Until,
            leg.Competes);
        var before = leg.Trials.Where(trial => _standing.ContainsKey(trial.Number))
            .ToDictionary(trial => trial.Number, trial => _standing[trial.Number]);
        var batch = new ClusterBatch(leg, work.ToBytes(), before, workers.SharesOut, told);
        _study!.Begin(batch);
        return batch;
    }

    /// <inheritdoc/>
    public ITrialBatch TrainUntilOneEnds()
    {
        var batch = (ClusterBatch)_study!.WaitForOne();
        foreach (var (place, result) in batch.Standing)
            (_states[result.Number], _standing[result.Number]) = (GrainNames.State(_study.Name, batch.Name, place), result);
        return batch;
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<FoldResult>> CrossValidate(
        IReadOnlyList<TrialWork> trials, Metric metric, Func<int, int, bool> isKnown)
    {
        var splits = CrossValidation.Split(data, options);
        var waiting = 0;
        for (var fold = 0; fold < splits.Count; fold++)
        {
            TrialWork[] left = [.. trials.Where(trial => !isKnown(trial.Number, fold))];
            if (left.Length == 0) continue;
            var part = new TravellingFold(
                fold, splits.Count, options.SamplingKeyColumnName, options.Seed, metric, _files!.WriteFold(fold, splits[fold].TrainSet));
            // The same groups as in one process, so that the bits are the same.
            foreach (var together in left.GroupBy(trial => trial.Options.SharedOn(local.IsSparse))
                .SelectMany(group => group.Chunk(options.TrialsTogether)))
            {
                var work = new TravellingWork([.. together.Select(trial => TravellingTrial.Of(trial))], Fold: part);
                _study!.Begin(new ClusterFold(fold, together, work.ToBytes()));
                waiting++;
            }
        }

        for (; waiting > 0; waiting--)
            yield return ((ClusterFold)_study!.WaitForOne()).Results;
    }

    /// <inheritdoc/>
    public ITransformer ModelOf(TrialWork trial, LinearWeights weights, TrainingHistory history) => local.ModelOf(trial, weights, history);

    /// <inheritdoc/>
    public void End() => _isOver = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        local.Dispose();
        // If the study has refused this sweep, nobody reads the files that it has written.
        if (_study is null or { IsRefused: true }) _files?.DeleteOwn();
        else if (_study.Leave(_isOver)) _files!.Delete();
    }
}
