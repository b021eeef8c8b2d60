using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Training;

public sealed partial record TrainingHistory
{
    /// <summary>The name of the zip entry with the history in a model file.</summary>
    internal const string EntryName = "LrScheduling.TrainingHistory.json";

    private const long LongestEntry = 640L << 20;

    /// <summary>
    /// Returns the history as JSON, which <see cref="FromJson"/> reads. There are limits. Of more than 50,000 epochs only some are
    /// written, at equal distances, including the first, the last and the best. More than 4,000,000 rates of minibatches are omitted.
    /// Options and a schedule's text with more than 24,000,000 characters are omitted.
    /// </summary>
    /// <exception cref="InvalidOperationException">The options are not JSON.</exception>
    public string ToJson()
    {
        var text = new StringBuilder();
        HistoryWriter.Write(this, piece => text.Append(piece));
        return text.ToString();
    }

    /// <summary>Reads a history from JSON.</summary>
    /// <param name="json">The text that <see cref="ToJson"/> returned.</param>
    /// <exception cref="JsonException">
    /// The text is not a history; or a later version wrote it; or its content is not valid: the epochs are not in ascending order, there
    /// are more than 50,000 of them, a rate is not valid, or the best epoch does not exist.
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

    /// <summary>Reads the history from a model file that <c>mlContext.Model.Save</c> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The history. If the model has several trainers of this library, it is the history of the last one.</returns>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a model file, or the model is not from a trainer of this library; or the history is damaged, not readable, or
    /// larger than 640 MiB.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read, or is not a regular file.</exception>
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

    /// <summary>Reads the history from a stream with a model.</summary>
    /// <param name="stream">The model that <c>mlContext.Model.Save</c> wrote. A stream that is not seekable is read to its end.</param>
    /// <exception cref="InvalidDataException">
    /// The stream does not contain a model, or the model is not from a trainer of this library; or the history is damaged, not readable,
    /// or larger than 640 MiB.
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
            // The folders in the path are numbered in the order of the transformers, so that the last transformer has the largest path. The
            // path separator depends on the system, so only the end of the path is compared.
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
            throw new InvalidDataException($"{name} is not a model file: {e.Message}", e);
        }
    }
}
