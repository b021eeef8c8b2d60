using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string LoaderSignature = "SelectColumnsTransform";
    private readonly string[] _names;
    private readonly bool _keep;
    private readonly bool _keepHidden;

    internal ColumnSelectingTransformer(string[] columnNames, bool keep, bool keepHidden)
    {
        Contracts.CheckParam(columnNames is { Length: > 0 }, nameof(columnNames), "At least one column must be named");
        _names = columnNames;
        _keep = keep;
        _keepHidden = keepHidden;
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Select(inputSchema, nameof(inputSchema)).OutputSchema;
    }

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new SelectedView(input, Select(input.Schema, nameof(input)));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Select(inputSchema, nameof(inputSchema));
    }

    internal bool Selects(string name) => _names.Contains(name) == _keep;

    internal void CheckNames(IEnumerable<string> given, string paramName)
    {
        var missing = _names.Except(given).ToList();
        if (missing.Count > 0)
            throw Contracts.ExceptSchemaMismatch(paramName, "input", string.Join(",", missing));
    }

    private SelectedColumns Select(DataViewSchema schema, string paramName)
    {
        CheckNames(schema.Select(column => column.Name), paramName);
        // Columns that are kept stand in the order of their names here; the others stay in the order of the input.
        var selected = _keep
            ? _names.SelectMany(name => schema.Where(column => column.Name == name && (_keepHidden || !column.IsHidden)))
            : schema.Where(column => Selects(column.Name));
        return new SelectedColumns(schema, [.. selected.Select(column => column.Index)]);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(_keep);
        ctx.Writer.Write(_keepHidden);
        ctx.Writer.Write(_names.Length);
        foreach (var name in _names)
            ctx.Writer.Write(name);
    }

    internal static ColumnSelectingTransformer Load(ModelLoadContext ctx)
    {
        var keep = ctx.Reader.ReadBoolean();
        var keepHidden = ctx.Reader.ReadBoolean();
        var count = ctx.Reader.ReadInt32();
        var names = new List<string>();
        for (var i = 0; i < count; i++)
            names.Add(ctx.Reader.ReadString());
        if (count <= 0)
            throw new InvalidDataException($"Corrupt model file: a selection of {count} columns");
        return new ColumnSelectingTransformer([.. names], keep, keepHidden);
    }
}
