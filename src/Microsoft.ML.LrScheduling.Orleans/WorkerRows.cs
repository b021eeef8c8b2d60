using System.Text.Json;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The rows that a worker has read last, and training on them.</summary>
internal sealed class WorkerRows : IDisposable
{
    private StudyRows? _rows;
    private InProcessWorker? _worker;
    private volatile bool _isEnding;

    /// <summary>Ends training within one minibatch.</summary>
    public void End() => _isEnding = true;

    /// <summary>Trains trials to their end.</summary>
    /// <param name="lease">Which; its rows are read where they are others than before.</param>
    /// <param name="trials">The trials of its batch, as bytes.</param>
    /// <returns>The results, as bytes.</returns>
    /// <exception cref="RowsRefusedException">Rows or trials cannot be read, or rows differ from what the study says.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public byte[] Train(Lease lease, byte[] trials)
    {
        _isEnding = false;
        Read(lease.Rows);
        var results = new CollectedResults();
        var own = Trials(lease, trials);
        using var batch = _worker!.Begin(
            own, own.Select(trial => trial.Number).ToHashSet(), new Dictionary<int, TrainingState>(), results);
        batch.TrainUntil(int.MaxValue);
        return results.ToBytes();
    }

    /// <inheritdoc/>
    public void Dispose() => _worker?.Dispose();

    private static TrialWork[] Trials(Lease lease, byte[] trials)
    {
        try
        {
            return TrialTexts.Read(lease.Rows.Trainer, trials)[lease.First..(lease.First + lease.Count)];
        }
        catch (JsonException e)
        {
            throw new RowsRefusedException(
                $"Trials cannot be read, which another version of LrScheduling may have written: {e.Message}", e);
        }
    }

    private void Read(StudyRows rows)
    {
        if (_rows == rows) return;
        (_rows, var before) = (null, _worker);
        before?.Dispose();
        _worker = null;
        var (mlContext, cancellation) = (new MLContext(), new Cancellation(() => _isEnding, BestBy: null, CancellationToken.None));
        string hash;
        try
        {
            _worker = new InProcessWorker(
                options => TrainerKinds.Create(mlContext, options), Load(mlContext, rows), new SweepOptions(), cancellation);
            hash = _worker.Read([new TrialWork(-1, TrainerKinds.ReadOptions(rows.Trainer, rows.Options))], isHashed: true).Hash;
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            throw new RowsRefusedException(
                $"Its rows cannot be read: {e.Message} OrleansWorkers.Folder must be a folder that all machines see under the same path.",
                e);
        }

        if (hash != rows.Hash)
            throw new RowsRefusedException(
                $"Its rows in {rows.Training} differ: their hash must be {rows.Hash}. Received: {hash}. Delete the file, and the sweep "
                + "writes it again.");
        _rows = rows;
    }

    private static SweepData Load(MLContext mlContext, StudyRows rows)
    {
        var features = rows.Features is { } model ? mlContext.Model.Load(model, out _) : null;
        return new SweepData(Made(rows.Training), rows.Validation is { } validation ? Made(validation) : null, Features: null);

        IDataView Made(string path)
        {
            if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path} on {Environment.MachineName}.");
            var data = mlContext.Data.LoadFromBinary(path);
            return features?.Transform(data) ?? data;
        }
    }
}
