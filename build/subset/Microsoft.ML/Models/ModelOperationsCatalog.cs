using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Saves and loads models, and makes engines that predict one row at a time.</summary>
public sealed class ModelOperationsCatalog
{
    private readonly IHostEnvironment _env;

    internal ModelOperationsCatalog(IHostEnvironment env) => _env = env;

    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        Contracts.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.Create(filePath);
        Save(model, inputSchema, stream);
    }

    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        Contracts.CheckValue(model, nameof(model));
        Contracts.CheckValue(stream, nameof(stream));
        using var archive = new ModelArchiveWriter(stream);
        ModelSaveContext.Save(archive, model, ModelArchive.TransformerDirectory);
        if (inputSchema is null) return;
        archive.Add(ModelArchive.SchemaEntry, entry =>
        {
            using var writer = new BinaryWriter(entry, Encoding.UTF8, leaveOpen: true);
            SchemaFormat.Write(writer, inputSchema);
        });
    }

    public void Save<TSource>(ITransformer model, IDataLoader<TSource> loader, string filePath)
    {
        Contracts.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.Create(filePath);
        Save(model, loader, stream);
    }

    public void Save<TSource>(ITransformer model, IDataLoader<TSource> loader, Stream stream)
    {
        Contracts.CheckValue(model, nameof(model));
        Contracts.CheckValue(loader, nameof(loader));
        Contracts.CheckValue(stream, nameof(stream));
        using var archive = new ModelArchiveWriter(stream);
        ModelSaveContext.Save(archive, model, ModelArchive.TransformerDirectory);
        ModelSaveContext.Save(archive, loader, ModelArchive.LoaderDirectory);
    }

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        Contracts.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.OpenRead(filePath);
        return Load(stream, out inputSchema);
    }

    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        Contracts.CheckValue(stream, nameof(stream));
        using var archive = new ModelArchiveReader(stream);
        // The model comes first: its header tells what wrote the file.
        var model = ModelLoadContext.Load<ITransformer>(_env, archive, ModelArchive.TransformerDirectory);
        inputSchema = ReadSchemaOrNull(archive) ?? LoaderOrNull(archive)?.GetOutputSchema();
        return model;
    }

    public ITransformer LoadWithDataLoader(string filePath, out IDataLoader<IMultiStreamSource> loader)
    {
        Contracts.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.OpenRead(filePath);
        return LoadWithDataLoader(stream, out loader);
    }

    public ITransformer LoadWithDataLoader(Stream stream, out IDataLoader<IMultiStreamSource> loader)
    {
        Contracts.CheckValue(stream, nameof(stream));
        using var archive = new ModelArchiveReader(stream);
        var model = ModelLoadContext.Load<ITransformer>(_env, archive, ModelArchive.TransformerDirectory);
        loader = LoaderOrNull(archive)
            ?? throw new InvalidOperationException($"The model was saved without a data loader: read it with {nameof(Load)}");
        return model;
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, bool ignoreMissingColumns = true,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class
        where TDst : class, new()
    {
        Contracts.CheckValue(transformer, nameof(transformer));
        return new PredictionEngine<TSrc, TDst>(_env, transformer, ignoreMissingColumns, inputSchemaDefinition, outputSchemaDefinition);
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, DataViewSchema inputSchema)
        where TSrc : class
        where TDst : class, new()
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return CreatePredictionEngine<TSrc, TDst>(transformer, false, SchemaDefinition.For(typeof(TSrc), inputSchema));
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, PredictionEngineOptions options)
        where TSrc : class
        where TDst : class, new()
    {
        Contracts.CheckValue(transformer, nameof(transformer));
        Contracts.CheckValue(options, nameof(options));
        return new PredictionEngine<TSrc, TDst>(_env, transformer, options.IgnoreMissingColumns,
            options.InputSchemaDefinition, options.OutputSchemaDefinition, options.OwnsTransformer);
    }

    private IDataLoader<IMultiStreamSource> LoaderOrNull(ModelArchiveReader archive) =>
        archive.Contains(ModelArchive.Combine(ModelArchive.LoaderDirectory, ModelArchive.ModelEntry))
            ? ModelLoadContext.Load<IDataLoader<IMultiStreamSource>>(_env, archive, ModelArchive.LoaderDirectory)
            : null;

    private static DataViewSchema ReadSchemaOrNull(ModelArchiveReader archive)
    {
        using var entry = archive.OpenOrNull(ModelArchive.SchemaEntry);
        if (entry is null) return null;
        using var reader = new BinaryReader(entry, Encoding.UTF8);
        try
        {
            return SchemaFormat.Read(reader);
        }
        catch (Exception inner) when (ModelArchive.IsCorruption(inner))
        {
            throw ModelArchive.Corrupt(ModelArchive.SchemaEntry, inner);
        }
    }
}
