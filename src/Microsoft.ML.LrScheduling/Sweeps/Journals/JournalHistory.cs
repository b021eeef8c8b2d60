using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// Writes and reads the epochs of a trial as columns, which are easy to load into a table: <c>epoch</c>, <c>weightsRate</c>,
/// <c>biasRate</c> (omitted if it is the same), <c>trainingLoss</c>, each metric, and <c>seconds</c>. If a column has the same value in all
/// epochs, only this one value is written.
/// </summary>
/// <remarks>
/// If there are more than <see cref="MostWhole"/> epochs, only about <see cref="Kept"/> of them are written: the first, the last, the best,
/// those at which trials are compared, and others at equal distances. If rates change by minibatch, about <see cref="MostBatchRates"/> of
/// these rates are written.
/// </remarks>
internal static class JournalHistory
{
    /// <summary>Up to this number, all epochs are written.</summary>
    public const int MostWhole = 1000;

    /// <summary>The number of epochs at equal distances that are written of a longer history.</summary>
    public const int Kept = 500;

    /// <summary>The maximum number of minibatch rates.</summary>
    public const int MostBatchRates = 2000;

    private const string Epoch = "epoch";
    private const string WeightsRate = "weightsRate";
    private const string BiasRate = "biasRate";
    private const string TrainingLoss = "trainingLoss";
    private const string Seconds = "seconds";

    /// <summary>Returns the epochs to write.</summary>
    /// <param name="epochs">All epochs.</param>
    /// <param name="bestEpoch">The best epoch; null if there is none.</param>
    /// <param name="isCompared">Whether trials are compared after an epoch.</param>
    public static IReadOnlyList<EpochRecord> Thinned(ValueList<EpochRecord> epochs, int? bestEpoch, Func<int, bool> isCompared)
    {
        if (epochs.Count <= MostWhole) return epochs;
        var every = (epochs.Count - 1) / Kept + 1;
        return
        [
            .. epochs.Where((record, i) =>
                i % every == 0 || i == epochs.Count - 1 || record.Epoch == bestEpoch || isCompared(record.Epoch)),
        ];
    }

    /// <summary>Writes the columns of epochs as the value of a property.</summary>
    public static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<EpochRecord> epochs)
    {
        writer.WriteStartObject(name);
        writer.WriteStartArray(Epoch);
        foreach (var epoch in epochs) writer.WriteNumberValue(epoch.Epoch);
        writer.WriteEndArray();
        WriteRates(writer, WriteColumn, Column(ILinearEngine.WeightGroup), Column(ILinearEngine.BiasGroup));
        WriteColumn(writer, TrainingLoss, [.. epochs.Select(epoch => (double?)epoch.TrainingLoss)]);
        foreach (var metric in epochs.SelectMany(epoch => epoch.ValidationMetrics.Keys).Distinct().Order().ToArray())
            WriteColumn(writer, JournalName.Of(metric), [.. epochs.Select(epoch => epoch[metric])]);
        WriteColumn(writer, Seconds, [.. epochs.Select(epoch => (double?)Math.Round(epoch.Duration.TotalSeconds, 5))]);
        writer.WriteEndObject();

        double?[] Column(int group) => [.. epochs.Select(epoch => (double?)epoch.LearningRates[group])];
    }

    /// <summary>
    /// Writes the rates of minibatches as the value of a property, the same number for each epoch; nothing if there are none.
    /// </summary>
    public static void WriteBatchRates(Utf8JsonWriter writer, string name, IReadOnlyList<EpochRecord> epochs)
    {
        if (epochs.Count == 0) return;
        var steps = epochs.Min(epoch => epoch.BatchLearningRates.Count) / ILinearEngine.GroupCount;
        var kept = Math.Min(steps, Math.Max(1, MostBatchRates / epochs.Count));
        // The last rate of each epoch is already among the rates of epochs.
        if (kept < 2) return;
        writer.WriteStartObject(name);
        WriteRates(writer, WriteArray, Column(ILinearEngine.WeightGroup), Column(ILinearEngine.BiasGroup));
        writer.WriteEndObject();

        double?[] Column(int parameters) =>
        [
            .. from epoch in epochs
               from i in Enumerable.Range(1, kept)
               select (double?)epoch.BatchLearningRates[(int)((long)i * steps / kept - 1) * ILinearEngine.GroupCount + parameters],
        ];
    }

    /// <summary>Reads columns.</summary>
    /// <param name="columns">What <see cref="Write"/> wrote.</param>
    /// <param name="batchRates">What <see cref="WriteBatchRates"/> wrote; null if it wrote nothing.</param>
    /// <exception cref="InvalidDataException">The columns are not valid.</exception>
    public static ValueList<EpochRecord> Read(JsonElement columns, JsonElement? batchRates)
    {
        int[] epochs = [.. columns.GetProperty(Epoch).EnumerateArray().Select(epoch => epoch.GetInt32())];
        for (var i = 0; i < epochs.Length; i++)
            if (epochs[i] <= (i == 0 ? 0 : epochs[i - 1])) throw new InvalidDataException("its epochs do not follow one another.");
        var (weightsRates, biasRates) = ReadRates(columns, epochs.Length);
        var losses = ReadColumn(columns, TrainingLoss, epochs.Length);
        var seconds = ReadColumn(columns, Seconds, epochs.Length);
        (Metric Metric, double?[] Values)[] metrics =
        [
            .. from column in columns.EnumerateObject()
               where column.Name is not (Epoch or WeightsRate or BiasRate or TrainingLoss or Seconds)
               select (JournalName.Parse<Metric>(column.Name), ReadColumn(columns, column.Name, epochs.Length)),
        ];
        var ofBatches = batchRates is { } rates ? ReadBatchRates(rates, epochs.Length) : [];
        return
        [
            .. epochs.Select((epoch, i) => new EpochRecord
            {
                Epoch = epoch,
                LearningRates = [Number(weightsRates[i]), Number(biasRates[i])],
                BatchLearningRates = ofBatches.Length == 0 ? [] : ofBatches[i],
                TrainingLoss = Number(losses[i]),
                ValidationMetrics = metrics.Where(metric => metric.Values[i] is not null)
                    .ToImmutableSortedDictionary(metric => metric.Metric, metric => metric.Values[i]!.Value),
                Duration = TimeSpan.FromSeconds(Number(seconds[i])),
            }),
        ];
    }

    private static void WriteRates(
        Utf8JsonWriter writer, Action<Utf8JsonWriter, string, double?[]> write, double?[] ofWeights, double?[] ofBias)
    {
        write(writer, WeightsRate, ofWeights);
        if (!ofBias.AsSpan().SequenceEqual(ofWeights)) write(writer, BiasRate, ofBias);
    }

    private static void WriteColumn(Utf8JsonWriter writer, string name, double?[] values)
    {
        if (values.Length > 1 && Array.TrueForAll(values, value => value.Equals(values[0]))) JournalNumber.Write(writer, name, values[0]);
        else WriteArray(writer, name, values);
    }

    private static void WriteArray(Utf8JsonWriter writer, string name, double?[] values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values) JournalNumber.Write(writer, value);
        writer.WriteEndArray();
    }

    private static (double?[] OfWeights, double?[] OfBias) ReadRates(JsonElement columns, int count)
    {
        var ofWeights = ReadColumn(columns, WeightsRate, count);
        return (ofWeights, columns.TryGetProperty(BiasRate, out _) ? ReadColumn(columns, BiasRate, count) : ofWeights);
    }

    private static double?[] ReadColumn(JsonElement columns, string name, int count)
    {
        var column = columns.GetProperty(name);
        double?[] values = column.ValueKind == JsonValueKind.Array
            ? [.. column.EnumerateArray().Select(JournalNumber.Read)]
            : [.. Enumerable.Repeat(JournalNumber.Read(column), count)];
        return values.Length == count
            ? values
            : throw new InvalidDataException($"its column {name} must have {count} values. Received: {values.Length}.");
    }

    private static ValueList<double>[] ReadBatchRates(JsonElement rates, int epochs)
    {
        var count = rates.GetProperty(WeightsRate).GetArrayLength();
        if (epochs == 0 || count % epochs != 0)
            throw new InvalidDataException(
                $"its {epochs} epochs must have the same number of rates of minibatches. Received: {count} in total.");
        var ((ofWeights, ofBias), kept) = (ReadRates(rates, count), count / epochs);
        return
        [
            .. Enumerable.Range(0, epochs).Select(epoch => (ValueList<double>)
                [.. Enumerable.Range(epoch * kept, kept).SelectMany(i => new[] { Number(ofWeights[i]), Number(ofBias[i]) })]),
        ];
    }

    private static double Number(double? value) => value ?? throw new InvalidDataException("a value of an epoch is missing.");
}
