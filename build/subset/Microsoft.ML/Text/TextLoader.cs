using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed partial class TextLoader : IDataLoader<IMultiStreamSource>
{
    private readonly IHostEnvironment _env;
    private readonly TextFormat _format;
    private readonly TextColumn[] _columns;
    private readonly string _header;
    private readonly DataViewSchema _schema;

    internal TextLoader(IHostEnvironment env, Options options, IMultiStreamSource dataSample = null)
    {
        _env = env;
        options ??= new Options();
        _format = TextFormat.From(options);
        var headerFile = string.IsNullOrWhiteSpace(options.HeaderFile) ? null : new MultiFileSource(options.HeaderFile);
        _columns = TextBinding.Columns(options.Columns is { Length: > 0 } columns ? columns : DefaultColumns(dataSample), _format,
            dataSample);
        _header = headerFile is not null ? TextBinding.FirstRow(_format, headerFile)
            : _format.HasHeader ? TextBinding.FirstRow(_format, dataSample)
            : null;
        _schema = MakeSchema();
    }

    private TextLoader(IHostEnvironment env, TextFormat format, TextColumn[] columns, string header)
    {
        _env = env;
        _format = format;
        _columns = columns;
        _header = header;
        _schema = MakeSchema();
    }

    public DataViewSchema GetOutputSchema() => _schema;

    public IDataView Load(IMultiStreamSource source)
    {
        Contracts.CheckValue(source, nameof(source));
        return new TextView(_env, _schema, _columns, _format, source);
    }

    private DataViewSchema MakeSchema()
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in _columns)
            builder.AddColumn(column.Name, column.Type, SlotNames(column));
        return builder.ToSchema();
    }

    private DataViewSchema.Annotations SlotNames(TextColumn column)
    {
        if (TextBinding.SlotNames(column, _header, _format) is not { } names)
            return null;
        var builder = new DataViewSchema.Annotations.Builder();
        builder.AddSlotNames(names);
        return builder.ToAnnotations();
    }

    private static Column[] DefaultColumns(IMultiStreamSource sample)
    {
        if (HasEmbeddedOptions(sample))
            throw new NotSupportedException(
                "The file describes its own columns in #@ lines, which the package Microsoft.ML reads; give them in Columns");
        return [new Column("Label", DataKind.Single, 0), new Column("Features", DataKind.Single, [new Range(1, null)])];
    }

    private static bool HasEmbeddedOptions(IMultiStreamSource sample)
    {
        if (sample is null || sample.Count == 0)
            return false;
        using var reader = sample.OpenTextReader(0);
        while (reader.ReadLine() is { } line && (line is "" or ['#', ..] or ['/', '/', ..]))
            if (line is ['#', '@', ..])
                return true;
        return false;
    }
}
