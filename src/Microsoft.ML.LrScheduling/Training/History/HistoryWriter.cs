using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Writes a history as JSON in pieces, so that only one piece is in memory at a time.</summary>
internal static class HistoryWriter
{
    /// <summary>The version of the JSON format.</summary>
    public const int Version = 1;

    /// <summary>The maximum number of epochs in a file.</summary>
    public const int MostEpochs = 50_000;

    /// <summary>The maximum number of minibatch rates in a file.</summary>
    public const int MostBatchRates = 4_000_000;

    // Small enough that a piece is not allocated on the large object heap, which is collected late.
    private const int PieceLength = 1 << 14;

    // The maximum length of options and schedules. The reader has a limit too, and must be able to read what was written.
    private const int LongestText = 24_000_000;

    /// <summary>The serializer options of all parts.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    /// <summary>Writes a history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="write">Receives each piece.</param>
    public static void Write(TrainingHistory history, Action<string> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions
        {
            Encoder = Options.Encoder,
            MaxDepth = ScheduleJson.DocumentDepth,
        });
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("trainer", history.Trainer);
        json.WritePropertyName("options");
        WriteOptions(json, history.Options.Length <= LongestText ? history.Options : "");
        json.WriteString("schedule", history.ScheduleText is { Length: <= LongestText } text ? text : null);
        if (history.BiasScheduleText is { Length: <= LongestText } biasText) json.WriteString("biasSchedule", biasText);
        Write(json, "stopReason", history.StopReason);
        if (history.Divergence is { } divergence) json.WriteString("divergence", divergence);
        Write(json, "bestEpoch", history.BestEpoch);
        json.WriteStartArray("epochs");
        var keepsBatchRates = history.Epochs.Sum(epoch => (long)epoch.BatchLearningRates.Count) <= MostBatchRates;
        foreach (var epoch in Thinned(history.Epochs, history.BestEpoch, MostEpochs))
        {
            JsonSerializer.Serialize(json, keepsBatchRates ? epoch : epoch with { BatchLearningRates = [] }, Options);
            if (json.BytesPending + buffer.WrittenCount > PieceLength) Flush();
        }

        json.WriteEndArray();
        Write(json, "trainingRowCount", history.TrainingRowCount);
        Write(json, "validationRowCount", history.ValidationRowCount);
        json.WriteEndObject();
        Flush();

        void Flush()
        {
            json.Flush();
            write(Encoding.UTF8.GetString(buffer.WrittenSpan));
            buffer.ResetWrittenCount();
        }
    }

    private static void Write<T>(Utf8JsonWriter json, string name, T value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, Options);
    }

    private static void WriteOptions(Utf8JsonWriter json, string options)
    {
        if (options.Length == 0)
        {
            json.WriteNullValue();
            return;
        }

        try
        {
            // Written without changes, so that a history that is read again equals the one that was written.
            using (JsonDocument.Parse(options, ScheduleJson.Document)) json.WriteRawValue(options, skipInputValidation: true);
        }
        catch (JsonException e)
        {
            throw WithoutOptions(options, e);
        }
    }

    /// <summary>Creates the exception for options that are not JSON.</summary>
    public static InvalidOperationException WithoutOptions(string options, JsonException e) =>
        new($"Options of a history must be JSON, or empty. Received: {OneLine.Short(options)}", e);

    /// <summary>Returns at most a number of epochs: the first, the last, the best, and others at equal distances.</summary>
    /// <param name="epochs">All epochs.</param>
    /// <param name="bestEpoch">The best epoch; null if there is none.</param>
    /// <param name="most">The maximum number, at least 3.</param>
    public static IEnumerable<EpochRecord> Thinned(ValueList<EpochRecord> epochs, int? bestEpoch, int most)
    {
        if (epochs.Count <= most) return epochs;
        // The last and the best epoch can come in addition to the others.
        var every = (epochs.Count - 1) / (most - 2) + 1;
        return epochs.Where((record, i) => i % every == 0 || i == epochs.Count - 1 || record.Epoch == bestEpoch);
    }
}
