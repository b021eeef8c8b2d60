using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Training;

public sealed partial record TrainingHistory
{
    /// <summary>The name of the entry of a model file that holds a history.</summary>
    internal const string EntryName = "LrScheduling.TrainingHistory.json";

    private const long LongestEntry = 640L << 20;

    /// <summary>
    /// The history as JSON, which <see cref="FromJson"/> reads. Of more than 50,000 epochs some are written, at equal distances, the
    /// first, the last and the best among them; more than 4,000,000 rates of minibatches are left out, and so are options and the text of
    /// a schedule that are longer than 24,000,000 characters.
    /// </summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        HistoryWriter.Write(this, piece => text.Append(piece));
        return text.ToString();
    }

    /// <summary>Reads a history from JSON.</summary>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <exception cref="JsonException">
    /// The text is not that of a history, or of one that a later version wrote, or says what cannot be: epochs that do not ascend, or are
    /// more than 50,000; rates that are none; a best epoch that is none of them.
    /// </exception>
    public static TrainingHistory FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            return HistoryReader.Read(new MemoryStream(strict.GetBytes(json)));
        }
        catch (EncoderFallbackException e)
        {
            throw new JsonException("The JSON holds text that is not Unicode.", e);
        }
    }

    /// <summary>Reads the history of the model in a file that <c>mlContext.Model.Save</c> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The history; of a model with several trainers of ours, that of the last one.</returns>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a model file, or none of a trainer of ours; or its history is damaged, cannot be read, or has more than 640 MiB.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read, or is no file on a disk.</exception>
    public static TrainingHistory Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Argument.Path(path, nameof(path));
        using var stream = UnlockedFile.OpenRead(path);
        try
        {
            return Read(stream, path);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new IOException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the history of a model from a stream.</summary>
    /// <param name="stream">What <c>mlContext.Model.Save</c> wrote; it must be seekable, or is read to its end.</param>
    /// <exception cref="InvalidDataException">
    /// The stream does not hold a model, or none of a trainer of ours; or its history is damaged, cannot be read, or has more than 640 MiB.
    /// </exception>
    /// <inheritdoc cref="Load(string)" path="/returns"/>
    public static TrainingHistory Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, "The stream");
    }

    private static TrainingHistory Read(Stream stream, string name)
    {
        using var archive = Open(stream, name);
        try
        {
            // The folders before the name say which transformer of a chain it is, in ascending order; the way they are joined differs by
            // system.
            var entry = archive.Entries.Where(entry => entry.FullName.EndsWith(EntryName, StringComparison.Ordinal))
                .MaxBy(entry => entry.FullName, StringComparer.Ordinal)
                ?? throw new InvalidDataException(
                    "The model holds no training history: it was not trained by LrScheduling, or was loaded and saved again.");
            using var content = new ZipEntryStream(entry, LongestEntry, "The training history of the model");
            return HistoryReader.Read(content);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The training history of the model cannot be read: {e.Message}", e);
        }
    }

    private static ZipArchive Open(Stream stream, string name)
    {
        try
        {
            return new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{name} is no model file: {e.Message}", e);
        }
    }
}
