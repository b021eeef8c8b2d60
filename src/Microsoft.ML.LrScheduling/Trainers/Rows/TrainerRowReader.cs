using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Reads the rows of a trainer, and checks that it can train on them.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="seed">The seed of the choice of validation rows.</param>
/// <param name="checkShape">Throws an exception if a column is missing or has a wrong type.</param>
/// <param name="createTask">Creates the task for the columns.</param>
internal sealed class TrainerRowReader(
    LinearTrainerOptions options, int seed, Action<SchemaShape> checkShape, Func<DataViewSchema, LinearTask> createTask)
{
    // The available memory includes the limits of a container and of the garbage collector.
    private static int DefaultMemoryLimitMB => (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 >> 20, 1, int.MaxValue);

    /// <summary>Reads the training rows and the validation rows.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">The validation rows; null if they are held back from the training rows.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <param name="channel">Receives messages about skipped rows and rows in a file.</param>
    public TrainerRows Read(IDataView trainData, IDataView? validationData, Cancellation cancellation, IChannel channel)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        checkShape(MLNetInternals.ShapeOf(trainData.Schema));
        if (validationData is not null) checkShape(MLNetInternals.ShapeOf(validationData.Schema));
        var holdsBack = validationData is null && options.ValidationFraction > 0;
        if (validationData is null && !holdsBack) WatchedMetrics.CheckNoneNeedsValidation(options);
        if (holdsBack) CheckSamplingKey(trainData.Schema);
        WarnOfNoEffect(validationData is not null, channel);
        // Checked before the rows are read, which can take long.
        DeviceCheck.Check(options);
        var task = createTask(trainData.Schema);
        CheckSize(((VectorDataViewType)trainData.Schema[options.FeatureColumnName].Type).Size, isSparse: true, task);
        var store = new RowStore((long)(options.MemoryLimitMB ?? DefaultMemoryLimitMB) << 20);
        try
        {
            var (training, validation) = ReadRows(trainData, validationData, task, store, cancellation, channel);
            CheckSize(training.FeatureCount, training.IsSparse, task);
            MagnitudeCheck.Check(options, task.Loss, training);
            if (store.FileBytes > 0)
                channel.Info(MessageSensitivity.None, $"{store.FileBytes >> 20} MB of rows are beyond the memory limit. They are in a "
                    + "file in the temp folder, and are visited in the order of the file.");
            return new TrainerRows(TaskFor(training, trainData.Schema), training, validation, store, trainData.Schema);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Returns the task for training. If the rows are standardized, its loss is on the scale of the labels.</summary>
    public LinearTask TaskFor(TrainingSet training, DataViewSchema schema)
    {
        var task = createTask(schema);
        if (training.Standardization is null) return task;
        var (labels, weights) = training.LabelsAndWeights();
        return task with { Loss = task.Loss.Scaled(labels, weights) };
    }

    private void CheckSamplingKey(DataViewSchema schema)
    {
        if (options.SamplingKeyColumnName is not { } name) return;
        var column = schema.GetColumnOrNull(name);
        if (column is not { Type: PrimitiveDataViewType })
            throw Argument.OutOfRange(
                nameof(options.SamplingKeyColumnName), "a column of single values",
                $"{name}, {(column is { } other ? $"of {other.Type}" : "which is not a column")}");
    }

    private void WarnOfNoEffect(bool hasValidationData, IChannel channel)
    {
        if (options.ValidationFraction > 0)
        {
            if (hasValidationData)
                channel.Warning(MessageSensitivity.None, "{0}", FormattableString.Invariant(
                    $"ValidationFraction ({options.ValidationFraction}) has no effect: there is validation data."));
            return;
        }

        string[] without =
        [
            .. options.SamplingKeyColumnName is null ? Array.Empty<string>() : [nameof(options.SamplingKeyColumnName)],
            .. options.ValidationSplit == ValidationSplit.Random ? Array.Empty<string>() : [nameof(options.ValidationSplit)],
        ];
        if (without.Length > 0)
            channel.Warning(
                MessageSensitivity.None,
                $"{string.Join(" and ", without)} {(without.Length == 1 ? "has" : "have")} no effect: ValidationFraction is 0.");
    }

    private void CheckSize(int features, bool isSparse, LinearTask task)
    {
        if (options.ChosenEngine == TrainingEngine.Torch) TorchEngine.CheckSize(features, task.OutputCount);
        else FusedEngine.CheckSize(features, isSparse, task.OutputCount);
    }

    private (TrainingSet Training, TrainingSet? Validation) ReadRows(
        IDataView trainData, IDataView? validationData, LinearTask task, RowStore store, Cancellation cancellation, IChannel channel)
    {
        HoldOut? holdOut = validationData is not null || options.ValidationFraction == 0 ? null
            : options.ValidationSplit == ValidationSplit.Last ? new LastHoldOut(options.ValidationFraction)
            : new RandomHoldOut(options.ValidationFraction, seed);
        var reader = ReaderFor(task) with { Standardizes = options.Standardize, KeyColumn = options.SamplingKeyColumnName };
        var read = reader.Read(trainData, holdOut, store, cancellation.ThrowIfRequested);
        if (read.Validation?.RowCount is { } heldBack && (heldBack == 0) != (read.Training.RowCount == 0))
            throw new InvalidOperationException(
                "ValidationFraction needs at least 2 "
                + (options.SamplingKeyColumnName is { } key ? $"values of SamplingKeyColumnName '{key}'" : "rows")
                + ", one to train on and one to validate on. Received: 1");
        CheckRows(read.Training, "training", read.SkippedRows, channel);
        return (read.Training, validationData is null ? read.Validation : ReadMore(
            validationData, "validation", trainData.Schema, read.Training.FeatureCount, task, store, cancellation, channel));
    }

    /// <summary>Reads additional rows on which models are measured.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="what">The name of the rows, for messages.</param>
    /// <param name="trained">The columns of the training rows.</param>
    /// <param name="featureCount">The number of features in the training rows.</param>
    /// <param name="task">The task.</param>
    /// <param name="store">The store of the rows.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <param name="channel">Receives messages about skipped rows.</param>
    public TrainingSet ReadMore(
        IDataView data, string what, DataViewSchema trained, int featureCount, LinearTask task, RowStore store, Cancellation cancellation,
        IChannel channel)
    {
        CheckFeatureOrder(SlotNames.Of(trained[options.FeatureColumnName]), SlotNames.Of(data.Schema[options.FeatureColumnName]), what);
        var reader = ReaderFor(task) with { MapLabel = LabelMap(trained, data.Schema, what), Purpose = what };
        var read = reader.Read(data, holdOut: null, store, cancellation.ThrowIfRequested);
        CheckRows(read.Training, what, read.SkippedRows, channel);
        if (read.Training.FeatureCount != featureCount)
            throw new InvalidOperationException(
                $"The {what} rows must have as many features as the training rows ({featureCount}). Received: "
                + $"{read.Training.FeatureCount}");
        return read.Training;
    }

    private void CheckFeatureOrder(SlotNames trained, SlotNames features, string what)
    {
        if (trained.FirstMoved(features) is var (own, other))
            throw new InvalidOperationException(
                $"The features of the {what} rows must come in the order of those of the training rows. Received: "
                + $"'{VisibleText.Of(other)}' where the training rows have '{VisibleText.Of(own)}', in column "
                + $"'{options.FeatureColumnName}'");
    }

    /// <summary>
    /// Returns the function that converts class numbers to those of the training rows; null if they are the same, or if there are no names.
    /// </summary>
    private Func<float, float>? LabelMap(DataViewSchema trained, DataViewSchema data, string what)
    {
        var (classes, others) = (KeyNames.Of(trained[options.LabelColumnName]), KeyNames.Of(data[options.LabelColumnName]));
        if (classes is null != others is null)
        {
            var (has, lacks) = classes is null ? (what, "training") : ("training", what);
            throw new InvalidOperationException(
                $"The classes of the {has} rows have names, and those of the {lacks} rows have none, so that the classes cannot be "
                + "matched. Map both with the same MapValueToKey, or remove the names. Column "
                + $"'{options.LabelColumnName}'");
        }

        if (classes is not { } own || others is not { } other) return null;
        return own.IsSameAs(other) ? null : number => own.NumberOf(other.Names[(int)number]) ?? throw new InvalidOperationException(
            $"A label of the {what} rows must be one of the classes of the training rows ({own}). Received: "
            + $"'{VisibleText.Of(other.Names[(int)number])}' "
            + $"in column '{options.LabelColumnName}'");
    }

    private TrainingSetReader ReaderFor(LinearTask task) => new(
        options.FeatureColumnName, options.LabelColumnName, options.ExampleWeightColumnName)
    {
        RefusesInvalidRows = options.InvalidRows == InvalidRowPolicy.Refuse,
        CheckLabel = task.CheckLabel,
    };

    private static void CheckRows(TrainingSet rows, string what, long skipped, IChannel channel)
    {
        var reason = Quantity.Of(skipped, "row was left out because its", "rows were left out because their")
            + " label, weight or a feature is missing (NaN) or infinite.";
        if (rows.RowCount == 0)
            throw new InvalidOperationException($"There must be at least one {what} row. Received: 0" + (skipped > 0 ? $"; {reason}" : ""));
        if (skipped > 0) channel.Warning(MessageSensitivity.None, $"{what}: {reason}");
    }
}
