using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The workers of a cluster, as a sweep sees them.</summary>
/// <param name="workers">What was asked for.</param>
/// <param name="local">Reads the rows in this process, and makes models.</param>
/// <param name="data">The data.</param>
/// <param name="options">How the sweep goes.</param>
/// <param name="cancellation">What ends the sweep.</param>
internal sealed class ClusterSweepWorker(
    OrleansWorkers workers, InProcessWorker local, SweepData data, SweepOptions options, Cancellation cancellation) : ISweepWorker
{
    // Where it is kept how trials stand that have come to the end of their leg.
    private readonly Dictionary<int, (string Name, int Epochs)> _standing = [];
    private ClusterStudy? _study;
    private RowFiles? _files;

    /// <inheritdoc/>
    public int BatchesAtOnce => workers.BatchesAtOnce;

    /// <inheritdoc/>
    public SweepRows Read(IReadOnlyList<TrialWork> trials, bool isHashed)
    {
        // What cannot travel is refused before anything is written.
        foreach (var trial in trials) TravellingTrial.Of(trial);
        var rows = local.Read(trials, isHashed: true);
        var name = workers.Study ?? $"{rows.Trainer}-{rows.Hash[..16]}";
        _files = new RowFiles(workers.Folder, name, rows.Hash, data, local.Features);
        _files.Write();
        _study = new ClusterStudy(
            workers, name, new StudyRows(
                rows.Trainer, rows.Options.ToJsonWithoutDelegates(), _files.Training, _files.Validation, _files.Features, rows.Text,
                rows.Hash), cancellation);
        _study.Join();
        return rows;
    }

    /// <inheritdoc/>
    public ITrialBatch Begin(TrialLeg leg, IReadOnlyDictionary<int, TrainingState> states, IBatchObserver told)
    {
        var work = new TravellingWork(
            [.. leg.Trials.Select(trial => TravellingTrial.Of(trial, _standing.GetValueOrDefault(trial.Number).Name))], leg.Until,
            leg.Competes);
        var rung = leg.Trials.Max(trial => _standing.GetValueOrDefault(trial.Number).Epochs);
        var batch = new ClusterBatch(leg, work.ToBytes(), rung, workers.SharesOut, told);
        _study!.Note = told.Note;
        _study.Begin(batch);
        return batch;
    }

    /// <inheritdoc/>
    public ITrialBatch TrainUntilOneEnds()
    {
        var batch = (ClusterBatch)_study!.WaitForOne();
        foreach (var (trial, place, epochs) in batch.Standing)
            _standing[trial] = (GrainNames.State(_study.Name, batch.Name, place), epochs);
        return batch;
    }

    /// <inheritdoc/>
    public IEnumerable<FoldResult> CrossValidate(IReadOnlyList<TrialWork> trials, Metric metric, Func<int, int, bool> isKnown)
    {
        var splits = CrossValidation.Split(data, options);
        var waiting = 0;
        for (var fold = 0; fold < splits.Count; fold++)
        {
            TrialWork[] left = [.. trials.Where(trial => !isKnown(trial.Number, fold))];
            if (left.Length == 0) continue;
            var part = new TravellingFold(
                fold, splits.Count, options.SamplingKeyColumnName, options.Seed, metric, _files!.WriteFold(fold, splits[fold].TrainSet));
            // As they train together in one process, so that they come to the same bits.
            foreach (var together in left.GroupBy(trial => trial.Options.SharedOn(local.IsSparse))
                .SelectMany(group => group.Chunk(options.TrialsTogether)))
            {
                var work = new TravellingWork([.. together.Select(trial => TravellingTrial.Of(trial))], Fold: part);
                _study!.Begin(new ClusterFold(fold, together, work.ToBytes()));
                waiting++;
            }
        }

        for (; waiting > 0; waiting--)
            foreach (var result in ((ClusterFold)_study!.WaitForOne()).Results) yield return result;
    }

    /// <inheritdoc/>
    public ITransformer ModelOf(TrialWork trial, LinearWeights weights, TrainingHistory history) => local.ModelOf(trial, weights, history);

    /// <inheritdoc/>
    public void Dispose()
    {
        local.Dispose();
        if (_study?.Leave() == true) _files!.Delete();
    }
}
