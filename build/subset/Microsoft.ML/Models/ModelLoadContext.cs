using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What a component sees of the model file it is read back from: its own folder.</summary>
internal sealed class ModelLoadContext
{
    private readonly ModelArchiveReader _archive;
    private readonly string _directory;

    private ModelLoadContext(IHostEnvironment env, ModelArchiveReader archive, string directory, BinaryReader reader)
    {
        Env = env;
        _archive = archive;
        _directory = directory;
        Reader = reader;
    }

    internal IHostEnvironment Env { get; }

    /// <summary>The component's own binary part.</summary>
    internal BinaryReader Reader { get; }

    internal T LoadModel<T>(string name) where T : class =>
        Load<T>(Env, _archive, ModelArchive.Combine(_directory, name));

    internal string LoadTextOrNull(string name)
    {
        using var stream = _archive.OpenOrNull(ModelArchive.Combine(_directory, name));
        return stream is null ? null : new StreamReader(stream, ModelArchive.TextEncoding).ReadToEnd();
    }

    internal static T Load<T>(IHostEnvironment env, ModelArchiveReader archive, string directory) where T : class
    {
        var path = ModelArchive.Combine(directory, ModelArchive.ModelEntry);
        using var stream = archive.OpenOrNull(path)
            ?? throw new FormatException($"Corrupt model file: it has no entry '{path}'");
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            var signature = ReadHeader(reader, path);
            var loaded = ModelLoaders.Load(signature, new ModelLoadContext(env, archive, directory, reader));
            return loaded as T ?? throw new FormatException(
                $"Corrupt model file: '{path}' holds a {loaded.GetType().Name} where a {typeof(T).Name} is due");
        }
        catch (Exception inner) when (ModelArchive.IsCorruption(inner))
        {
            throw ModelArchive.Corrupt(path, inner);
        }
    }

    private static string ReadHeader(BinaryReader reader, string path)
    {
        if (!reader.ReadBytes(ModelArchive.Magic.Length).AsSpan().SequenceEqual(ModelArchive.Magic))
            throw new NotSupportedException($"'{path}' is not in the format of this subset of Microsoft.ML; " +
                "a model that the package Microsoft.ML saved is read by that package");
        var version = reader.ReadInt32();
        if (version != ModelArchive.Version)
            throw new FormatException($"'{path}' has format version {version}; this subset reads version {ModelArchive.Version}");
        return reader.ReadString();
    }
}
