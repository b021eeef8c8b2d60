using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Reads the rows of a trainer, and refuses what it could not train on.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="seed">What the choice of validation rows follows from.</param>
/// <param name="schemaPeer">ML.NET's own trainer of the task over the same columns, which knows their types and messages.</param>
/// <param name="createTask">What is to be learned from columns.</param>
internal sealed class TrainerRowReader(
    LinearTrainerOptions options, int seed, IEstimator<ITransformer> schemaPeer, Func<DataViewSchema, LinearTask> createTask)
{
    // As a limit of a container or of the garbage collector has it.
    private static int DefaultMemoryLimitMB => (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 >> 20, 1, int.MaxValue);

    /// <summary>Reads the rows to train and to measure on.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">The rows to measure on; null for those that are held back.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="channel">Told of rows that are left out, and of rows in a file.</param>
    public TrainerRows Read(IDataView trainData, IDataView? validationData, Cancellation cancellation, IChannel channel)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        schemaPeer.GetOutputSchema(MLNetInternals.ShapeOf(trainData.Schema));
        if (validationData is not null) schemaPeer.GetOutputSchema(MLNetInternals.ShapeOf(validationData.Schema));
        if (validationData is null && options.ValidationFraction == 0) CheckNothingNeedsValidation();
        // A device that is missing is found before the rows are read.
        if (options.ChosenEngine == TrainingEngine.Torch)
        {
            TorchRuntime.Check();
            TorchPlace.Of(options.Device);
        }

        var task = createTask(trainData.Schema);
        CheckSize(((VectorDataViewType)trainData.Schema[options.FeatureColumnName].Type).Size, isSparse: true, task);
        var store = new RowStore((long)(options.MemoryLimitMB ?? DefaultMemoryLimitMB) << 20);
        try
        {
            var (training, validation) = ReadRows(trainData, validationData, task, store, cancellation, channel);
            CheckSize(training.FeatureCount, training.IsSparse, task);
            if (store.FileBytes > 0)
                channel.Info(MessageSensitivity.None, $"Rows beyond the memory limit, {store.FileBytes >> 20} MB, are in a file in the "
                    + "temp folder, and are visited in its order.");
            return new TrainerRows(TaskFor(training, trainData.Schema), training, validation, store, trainData.Schema);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The task as it is trained: where rows are of one scale, so are scores.</summary>
    public LinearTask TaskFor(TrainingSet training, DataViewSchema schema)
    {
        var task = createTask(schema);
        if (training.Standardization is null) return task;
        var (labels, weights) = training.LabelsAndWeights();
        return task with { Loss = task.Loss.Scaled(labels, weights) };
    }

    private void CheckNothingNeedsValidation()
    {
        foreach (var (watcher, metric) in options.WatchedMetrics)
            if (metric.NeedsValidation())
                throw new InvalidOperationException(
                    $"{watcher} watches {metric}, and there is no validation data. "
                    + "Set ValidationFraction in (0, 1), call Fit(trainData, validationData), or let it watch TrainingLoss.");
    }

    private void CheckSize(int features, bool isSparse, LinearTask task)
    {
        if (options.ChosenEngine == TrainingEngine.Torch) TorchEngine.CheckSize(features, task.OutputCount);
        else FusedEngine.CheckSize(features, isSparse, task.OutputCount);
    }

    private (TrainingSet Training, TrainingSet? Validation) ReadRows(
        IDataView trainData, IDataView? validationData, LinearTask task, RowStore store, Cancellation cancellation, IChannel channel)
    {
        var holdOut = validationData is null && options.ValidationFraction > 0 ? new HoldOut(options.ValidationFraction, seed) : null;
        var read = (ReaderFor(task) with { Standardizes = options.Standardize })
            .Read(trainData, holdOut, store, cancellation.ThrowIfRequested);
        if (read.Validation is { } heldOut
            && (heldOut.RowCount == 0 || read.Training.RowCount == 0) && heldOut.RowCount + read.Training.RowCount > 0)
            throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"ValidationFraction of {heldOut.RowCount + read.Training.RowCount} rows must leave at least one for training and one "
                + $"for validation. Received: {options.ValidationFraction}"));
        CheckRows(read.Training, "training", read.SkippedRows, channel);
        return (read.Training, validationData is null
            ? read.Validation : ReadMore(validationData, "validation", read.Training.FeatureCount, task, store, cancellation, channel));
    }

    /// <summary>Reads further rows, to measure on.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="what">What they are, for messages.</param>
    /// <param name="featureCount">The features of the training rows.</param>
    /// <param name="task">What is to be learned.</param>
    /// <param name="store">Keeps the rows.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="channel">Told of rows that are left out.</param>
    public TrainingSet ReadMore(
        IDataView data, string what, int featureCount, LinearTask task, RowStore store, Cancellation cancellation, IChannel channel)
    {
        var read = ReaderFor(task).Read(data, holdOut: null, store, cancellation.ThrowIfRequested);
        CheckRows(read.Training, what, read.SkippedRows, channel);
        if (read.Training.FeatureCount != featureCount)
            throw new InvalidOperationException(
                $"The {what} rows must have as many features as the training rows ({featureCount}). Received: "
                + $"{read.Training.FeatureCount}");
        return read.Training;
    }

    private TrainingSetReader ReaderFor(LinearTask task) => new(
        options.FeatureColumnName, options.LabelColumnName, options.ExampleWeightColumnName)
    {
        RefusesInvalidRows = options.InvalidRows == InvalidRowPolicy.Refuse,
        CheckLabel = task.CheckLabel,
    };

    private static void CheckRows(TrainingSet rows, string what, long skipped, IChannel channel)
    {
        var reason = $"{skipped} rows were left out because their label, weight or a feature is missing (NaN) or infinite.";
        if (rows.RowCount == 0)
            throw new InvalidOperationException($"There must be at least one {what} row. Received: 0" + (skipped > 0 ? $"; {reason}" : ""));
        if (skipped > 0) channel.Warning(MessageSensitivity.None, $"{what}: {reason}");
    }
}
