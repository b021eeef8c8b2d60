using System.Text;

namespace Microsoft.ML;

/// <summary>What a component sees of the model file it is being saved to: its own folder.</summary>
public sealed class ModelSaveContext : IDisposable
{
    private readonly ModelArchiveWriter _archive;
    private readonly string _directory;
    private readonly MemoryStream _body = new();
    private string _signature;

    internal ModelSaveContext(ModelArchiveWriter archive, string directory)
    {
        _archive = archive;
        _directory = directory;
        Writer = new BinaryWriter(_body, Encoding.UTF8, leaveOpen: true);
    }

    /// <summary>The component's own binary part.</summary>
    internal BinaryWriter Writer { get; }

    /// <summary>Names the loader that reads this component back; see <see cref="ModelLoaders"/>.</summary>
    internal void SetLoader(string signature) => _signature = signature;

    /// <summary>Saves a component that this one consists of, in a folder below this one's.</summary>
    internal void SaveModel<T>(T value, string name) where T : class =>
        Save(_archive, value, ModelArchive.Combine(_directory, name));

    internal void SaveTextStream(string name, Action<TextWriter> action) =>
        _archive.Add(ModelArchive.Combine(_directory, name), stream =>
        {
            using var writer = new StreamWriter(stream, ModelArchive.TextEncoding, leaveOpen: true);
            action(writer);
        });

    internal static void Save(ModelArchiveWriter archive, object value, string directory)
    {
        if (value is not ICanSaveModel component)
            throw new InvalidOperationException($"{value.GetType().Name} cannot be saved: it does not implement {nameof(ICanSaveModel)}");
        using var context = new ModelSaveContext(archive, directory);
        component.Save(context);
        context.Commit(component);
    }

    // The binary part waits in memory until here because a zip can write only one entry at a time,
    // and the children's entries are written while this one is still being filled.
    private void Commit(object component)
    {
        if (_signature is null)
            throw new InvalidOperationException($"{component.GetType().Name} did not name the loader that reads it back");
        Writer.Flush();
        _archive.Add(ModelArchive.Combine(_directory, ModelArchive.ModelEntry), stream =>
        {
            using var header = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            header.Write(ModelArchive.Magic);
            header.Write(ModelArchive.Version);
            header.Write(_signature);
            header.Flush();
            _body.WriteTo(stream);
        });
    }

    public void Dispose()
    {
        Writer.Dispose();
        _body.Dispose();
    }
}
