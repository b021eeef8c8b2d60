using System.Text.Json;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Reads the rows of studies, and trains trials on them. The rows that were read last stay in memory.</summary>
internal sealed class WorkerRows : IDisposable
{
    private StudyRows? _rows;
    private InProcessWorker? _worker;
    private volatile bool _isEnding;
    private CancellationToken _stop;
    private readonly Cancellation _cancellation;

    /// <summary>Creates an object without rows.</summary>
    public WorkerRows() => _cancellation = new Cancellation(
        () => _isEnding || _stop.IsCancellationRequested, BestBy: null, CancellationToken.None);

    /// <summary>Ends the current training within one minibatch.</summary>
    public void End() => _isEnding = true;

    /// <summary>Trains the trials of a lease to the end of their leg.</summary>
    /// <param name="lease">The lease. Its rows are read, unless they are in memory.</param>
    /// <param name="work">The trials of its batch, as bytes.</param>
    /// <param name="get">Returns the bytes that are stored under some names; null for names without any.</param>
    /// <param name="stop">Ends training too, also if it was cancelled before.</param>
    /// <returns>The results as bytes, and the states of the trials that have not ended, by their index in the batch.</returns>
    /// <exception cref="RowsRefusedException">Rows or trials cannot be read, or the rows differ from those of the study.</exception>
    /// <exception cref="OperationCanceledException">Training was ended.</exception>
    public (byte[] Results, (int Place, byte[] State)[] States) Train(
        Lease lease, byte[] work, Func<string[], byte[]?[]> get, CancellationToken stop = default)
    {
        (_isEnding, _stop) = (false, stop);
        Read(lease.Rows);
        var all = WorkOf(lease, work);
        var trials = all.Trials.Select(trial => trial.ToWork(lease.Rows.Trainer)).ToArray()[lease.First..(lease.First + lease.Count)];
        return all.Fold is { } fold ? (Measure(lease.Rows, fold, trials), []) : Train(lease, all, trials, get);
    }

    /// <inheritdoc/>
    public void Dispose() => _worker?.Dispose();

    private (byte[] Results, (int Place, byte[] State)[] States) Train(
        Lease lease, TravellingWork all, TrialWork[] trials, Func<string[], byte[]?[]> get)
    {
        var results = new CollectedResults();
        // A trial whose state is lost starts from the beginning, and gives the same result.
        var kept = all.Trials.Skip(lease.First).Take(lease.Count).Where(trial => trial.State is not null).ToArray();
        var states = kept.Zip(get([.. kept.Select(trial => trial.State!)])).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First.Number, pair => CheckpointFile.Read(pair.Second!));
        using var batch = _worker!.Begin(
            new TrialLeg(trials, trials.Select(trial => trial.Number).ToHashSet(), all.Until, all.Competes), states, results);
        _worker.TrainUntilOneEnds();
        var standing = batch.Save().ToDictionary(trial => trial.Trial, trial => trial.State);
        foreach (var trial in batch.Running) results.Ended(batch.End(trial.Number, StopReason.Pruned));
        return (
            results.ToBytes(),
            [
                .. from trial in trials.Index()
                   where standing.ContainsKey(trial.Item.Number)
                   select (lease.First + trial.Index, CheckpointFile.Write(standing[trial.Item.Number])),
            ]);
    }

    private byte[] Measure(StudyRows rows, TravellingFold fold, TrialWork[] trials)
    {
        var mlContext = new MLContext();
        var options = new SweepOptions
        {
            NumberOfFolds = fold.Count,
            SamplingKeyColumnName = fold.SamplingKey,
            Seed = fold.Seed,
            TrialsTogether = trials.Length,
        };
        try
        {
            var fitted = fold.Features is { } model ? new FittedFeatures(LoadFeatures(mlContext, model)) : null;
            var data = Load(rows, features: null) with { Features = fitted };
            return new MeasuredFold(
            [
                .. new CrossValidation(trial => TrainerKinds.Create(mlContext, trial), data, options, fold.Metric, _cancellation)
                    .Run(trials, fold.Number, CrossValidation.Split(data, options)[fold.Number]).SelectMany(together => together),
            ]).ToBytes();
        }
        catch (InvalidOperationException e)
        {
            // The fold itself cannot be used: other workers would fail too.
            return new MeasuredFold([], e.Message).ToBytes();
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            // The file was deleted or damaged after the rows were read.
            throw Unreadable(e);
        }
    }

    private static TravellingWork WorkOf(Lease lease, byte[] work)
    {
        try
        {
            return TravellingWork.Read(work);
        }
        catch (JsonException e)
        {
            throw new RowsRefusedException(
                $"Trials cannot be read. Another version of LrScheduling may have written them. {e.Message}", e);
        }
    }

    private void Read(StudyRows rows)
    {
        if (_rows == rows) return;
        if (rows.Version != LibraryVersion.Text)
            throw new RowsRefusedException(
                $"Its version of LrScheduling.ML.Orleans must be that of the sweep, {rows.Version}. Received: {LibraryVersion.Text}. Start "
                + "workers and sweep with the same version.");
        (_rows, var before) = (null, _worker);
        before?.Dispose();
        _worker = null;
        var mlContext = new MLContext();
        string hash;
        try
        {
            var features = rows.Features is { } model ? LoadFeatures(mlContext, model) : null;
            _worker = new InProcessWorker(
                options => TrainerKinds.Create(mlContext, options), Load(rows, features), new SweepOptions(), _cancellation);
            hash = _worker.Read([new TrialWork(-1, TrainerKinds.ReadOptions(rows.Trainer, rows.Options))], isHashed: true).Hash;
        }
        // A worker with too little memory for the rows leaves them to other workers.
        catch (Exception e) when (e is not RowsRefusedException && (TrialFailure.IsOne(e) || e is OutOfMemoryException))
        {
            throw Unreadable(e);
        }

        if (hash != rows.Hash)
            throw new RowsRefusedException(
                $"Its rows in {rows.Training} differ: their hash must be {rows.Hash}. Received: {hash}. Start the sweep again, and it "
                + "writes the file anew.");
        _rows = rows;
    }

    private static RowsRefusedException Unreadable(Exception e) => new(
        $"Its rows cannot be read: {e.GetBaseException().Message.TrimEnd('.')}. OrleansWorkers.Folder must be a folder that all machines "
        + "see under the same path. A file there that is damaged is written anew when the sweep is started again.", e);

    private static ITransformer LoadFeatures(MLContext mlContext, string model)
    {
        try
        {
            CheckThere(model);
            return mlContext.Model.Load(model, out _);
        }
        catch (IOException e)
        {
            throw Unreadable(e);
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            throw new RowsRefusedException(
                $"Its features cannot be loaded from {model}: {e.GetBaseException().Message.TrimEnd('.')}. A worker needs the assemblies "
                + "that features are made by. Without these, apply the transformers to the rows before the sweep, and leave them out of "
                + "features. A file that is damaged is written anew when the sweep is started again.", e);
        }
    }

    private static SweepData Load(StudyRows rows, ITransformer? features)
    {
        var mlContext = new MLContext();
        return new SweepData(Made(rows.Training), rows.Validation is { } validation ? Made(validation) : null, Features: null);

        IDataView Made(string path)
        {
            CheckThere(path);
            var data = mlContext.Data.LoadFromBinary(path);
            return features?.Transform(data) ?? data;
        }
    }

    private static void CheckThere(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path} on {Environment.MachineName}.");
    }
}
