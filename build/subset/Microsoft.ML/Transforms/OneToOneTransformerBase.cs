using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A transformer that makes each of its output columns from one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private protected OneToOneTransformerBase(params (string OutputColumnName, string InputColumnName)[] columns)
    {
        Contracts.CheckValue(columns, nameof(columns));
        var names = new HashSet<string>();
        foreach (var (output, input) in columns)
        {
            Contracts.CheckNonEmpty(output, nameof(columns));
            Contracts.CheckNonEmpty(input, nameof(columns));
            Contracts.CheckParam(names.Add(output), nameof(columns), $"Name of the result column '{output}' specified multiple times");
        }
        ColumnPairs = columns;
    }

    internal (string OutputColumnName, string InputColumnName)[] ColumnPairs { get; }

    /// <summary>How the pair of this index maps the input column; throws where it cannot.</summary>
    private protected abstract MappedColumn MapColumn(int index, DataViewSchema.Column input);

    private protected override IReadOnlyList<MappedColumn> Map(DataViewSchema inputSchema)
    {
        var columns = new MappedColumn[ColumnPairs.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = MapColumn(i, Find(inputSchema, ColumnPairs[i].InputColumnName));
        return columns;
    }

    internal static DataViewSchema.Column Find(DataViewSchema inputSchema, string name) =>
        inputSchema.GetColumnOrNull(name) ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", name);

    private protected void SaveColumns(ModelSaveContext ctx)
    {
        ctx.Writer.Write(ColumnPairs.Length);
        foreach (var (output, input) in ColumnPairs)
        {
            ctx.Writer.Write(output);
            ctx.Writer.Write(input);
        }
    }

    private protected static (string OutputColumnName, string InputColumnName)[] LoadColumns(ModelLoadContext ctx)
    {
        var count = ctx.Reader.ReadInt32();
        if (count <= 0)
            throw new InvalidDataException($"Corrupt model file: a transformer of {count} columns");
        var columns = new List<(string, string)>();
        for (var i = 0; i < count; i++)
            columns.Add((ctx.Reader.ReadString(), ctx.Reader.ReadString()));
        return [.. columns];
    }
}
