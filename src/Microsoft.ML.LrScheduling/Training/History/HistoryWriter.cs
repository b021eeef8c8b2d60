using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Writes a history as JSON, piece by piece, so that no more than a piece of it is in memory.</summary>
internal static class HistoryWriter
{
    /// <summary>The version of the form.</summary>
    public const int Version = 1;

    /// <summary>The most epochs of a history in a file.</summary>
    public const int MostEpochs = 50_000;

    /// <summary>The most rates of minibatches of a history in a file.</summary>
    public const int MostBatchRates = 4_000_000;

    // Small enough for a piece not to be a large object, which is collected late.
    private const int PieceLength = 1 << 14;

    // Of options and schedules, so that the reader has room for them.
    private const int LongestText = 24_000_000;

    /// <summary>How its parts are written.</summary>
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
    /// <param name="write">Takes each piece.</param>
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
            // As they are, so that a history that is read is equal to the one that was written.
            using (JsonDocument.Parse(options, ScheduleJson.Document)) json.WriteRawValue(options, skipInputValidation: true);
        }
        catch (JsonException e)
        {
            throw WithoutOptions(options, e);
        }
    }

    /// <summary>The exception for a history with a text for options that is no JSON.</summary>
    public static InvalidOperationException WithoutOptions(string options, JsonException e) =>
        new($"Options of a history must be JSON, or empty. Received: {OneLine.Short(options)}", e);

    /// <summary>No more epochs than a file may have: the first, the last, the best, and others at equal distances.</summary>
    /// <param name="epochs">All of them.</param>
    /// <param name="bestEpoch">The best one; null where none is watched.</param>
    /// <param name="most">The most, at least 3.</param>
    public static IEnumerable<EpochRecord> Thinned(ValueList<EpochRecord> epochs, int? bestEpoch, int most)
    {
        if (epochs.Count <= most) return epochs;
        // The last and the best one may be two more.
        var every = (epochs.Count - 1) / (most - 2) + 1;
        return epochs.Where((record, i) => i % every == 0 || i == epochs.Count - 1 || record.Epoch == bestEpoch);
    }
}
