using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

public sealed partial record TrainingHistory
{
    /// <summary>The name of the entry of a model file that holds a history.</summary>
    internal const string EntryName = "LrScheduling.TrainingHistory.json";

    private const int CurrentVersion = 1;
    private const long LongestEntry = 1L << 28;

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    /// <summary>The history as JSON, which <see cref="FromJson"/> reads.</summary>
    public string ToJson()
    {
        using var options = Options.Length > 0 ? JsonDocument.Parse(Options, ScheduleJson.Document) : null;
        return JsonSerializer.Serialize(
            new Document(
                CurrentVersion, Trainer, options?.RootElement, ScheduleText, StopReason, BestEpoch, Epochs, TrainingRowCount,
                ValidationRowCount),
            JsonOptions);
    }

    /// <summary>Reads a history from JSON.</summary>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <exception cref="JsonException">The text is not that of a history, or of one that a later version wrote.</exception>
    public static TrainingHistory FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var document = JsonSerializer.Deserialize<Document>(json, JsonOptions)
            ?? throw new JsonException("$: a history is an object. Received: null");
        if (document.Version != CurrentVersion)
            throw new JsonException($"$.version must be {CurrentVersion}. Received: {document.Version}. A history of a later version "
                + "needs a later LrScheduling.");
        return new TrainingHistory
        {
            Epochs = document.Epochs,
            StopReason = document.StopReason,
            BestEpoch = document.BestEpoch,
            TrainingRowCount = document.TrainingRowCount,
            ValidationRowCount = document.ValidationRowCount,
            Trainer = document.Trainer,
            Options = document.Options?.GetRawText() ?? "",
            Schedule = LrSchedule.TryParse(document.Schedule, null, out var schedule) ? schedule : null,
            ScheduleText = document.Schedule,
        };
    }

    /// <summary>Reads the history of the model in a file that <c>mlContext.Model.Save</c> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The history; of a model with several trainers of ours, that of the last one.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is not a model file, or none of a trainer of ours; or its history cannot be read.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TrainingHistory Load(string path)
    {
        using var stream = File.OpenRead(path);
        return Load(stream);
    }

    /// <summary>Reads the history of a model from a stream.</summary>
    /// <param name="stream">What <c>mlContext.Model.Save</c> wrote; it must be seekable, or is read to its end.</param>
    /// <exception cref="InvalidDataException">
    /// The stream does not hold a model, or none of a trainer of ours; or its history cannot be read.
    /// </exception>
    /// <inheritdoc cref="Load(string)" path="/returns"/>
    public static TrainingHistory Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            // The folders before the name say which transformer of a chain it is, in ascending order; the way they are joined differs by
            // system.
            var entry = archive.Entries.Where(entry => entry.FullName.EndsWith(EntryName, StringComparison.Ordinal))
                .MaxBy(entry => entry.FullName, StringComparer.Ordinal)
                ?? throw new InvalidDataException(
                    "The model holds no training history: it was not trained by LrScheduling, or was loaded and saved again.");
            using var content = entry.Open();
            using var text = new StreamReader(ReadAll(content));
            return FromJson(text.ReadToEnd());
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The training history of the model cannot be read: {e.Message}", e);
        }
    }

    private static MemoryStream ReadAll(Stream content)
    {
        // A few bytes of a zip may stand for any number of them.
        var read = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = content.Read(buffer)) > 0;)
        {
            if (read.Length + count > LongestEntry)
                throw new InvalidDataException($"The training history of the model must have at most {LongestEntry >> 20} MiB.");
            read.Write(buffer, 0, count);
        }

        read.Position = 0;
        return read;
    }

    private sealed record Document(
        int Version, string Trainer, JsonElement? Options, string? Schedule, StopReason StopReason, int? BestEpoch,
        ValueList<EpochRecord> Epochs, int? TrainingRowCount = null, int? ValidationRowCount = null);
}
