using System.IO.Compression;
using System.Text;

namespace Microsoft.ML;

/// <summary>The zip that holds a saved model: one folder a component, its binary part in <c>Model.key</c>.</summary>
internal static class ModelArchive
{
    internal const string ModelEntry = "Model.key";
    internal const string SchemaEntry = "Schema";
    internal const string TransformerDirectory = "TransformerChain";
    internal const string LoaderDirectory = "Loader";

    internal static readonly byte[] Magic = "MLSUBSET"u8.ToArray();
    internal const int Version = 1;

    internal static readonly Encoding TextEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Whether an exception tells of a file that ends too early or whose numbers make no sense.</summary>
    internal static bool IsCorruption(Exception exception) =>
        exception is EndOfStreamException or InvalidDataException or ArgumentException or OverflowException;

    internal static FormatException Corrupt(string path, Exception inner) =>
        new($"Corrupt model file: '{path}' cannot be read: {inner.Message}", inner);

    internal static string Combine(string directory, string name) =>
        string.IsNullOrEmpty(directory) ? name : $"{directory}/{name}";
}

internal sealed class ModelArchiveWriter(Stream stream) : IDisposable
{
    private readonly ZipArchive _zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    internal void Add(string path, Action<Stream> write)
    {
        if (!_names.Add(path))
            throw new InvalidOperationException($"Duplicate entry in the model file: '{path}'");
        using var entry = _zip.CreateEntry(path).Open();
        write(entry);
    }

    public void Dispose() => _zip.Dispose();
}

internal sealed class ModelArchiveReader : IDisposable
{
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);

    internal ModelArchiveReader(Stream stream)
    {
        try
        {
            _zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException inner)
        {
            throw new FormatException("Failed to open a zip archive", inner);
        }
        foreach (var entry in _zip.Entries)
            _entries[entry.FullName.Replace('\\', '/')] = entry;
    }

    internal bool Contains(string path) => _entries.ContainsKey(path);

    /// <summary>The entry's bytes, or null where the archive has no such entry.</summary>
    internal MemoryStream OpenOrNull(string path)
    {
        if (!_entries.TryGetValue(path, out var entry)) return null;
        var copy = new MemoryStream();
        using (var source = entry.Open()) source.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }

    public void Dispose() => _zip.Dispose();
}
