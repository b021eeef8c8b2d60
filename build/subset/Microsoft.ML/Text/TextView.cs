using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of text files, read anew by every cursor.</summary>
internal sealed class TextView : IDataView
{
    private readonly IHostEnvironment _env;
    private readonly IMultiStreamSource _source;

    internal TextView(IHostEnvironment env, DataViewSchema schema, TextColumn[] columns, TextFormat format, IMultiStreamSource source)
    {
        _env = env;
        _source = source;
        Schema = schema;
        Columns = columns;
        Format = format;
    }

    internal TextColumn[] Columns { get; }

    internal TextFormat Format { get; }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        Cursors(columnsNeeded, 1)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        Contracts.CheckParam(n >= 0, nameof(n), $"Must be non-negative, got {n}");
        // A limit on the number of rows is one cursor's to count.
        return Cursors(columnsNeeded, Format.MaxRows < long.MaxValue ? 1 : Math.Clamp(n, 1, Environment.ProcessorCount));
    }

    private DataViewRowCursor[] Cursors(IEnumerable<DataViewSchema.Column> columnsNeeded, int count)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded)
            active[column.Index] = true;
        var blocks = new SharedBlocks(new TextBlocks(_source, Format), count);
        var report = new TextReport(_env, count);
        return [.. Enumerable.Range(0, count).Select(_ => new TextCursor(this, active, blocks, report))];
    }
}
