using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Where each column of a mapped row comes from: an input column that passes through, or a computed one.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    // One entry an output column: an input column's index, or the complement of a mapped column's.
    private readonly int[] _origins;
    private readonly IReadOnlyList<MappedColumn> _columns;

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    internal RowMapper(DataViewSchema input, IReadOnlyList<MappedColumn> columns)
    {
        _columns = columns;
        _origins = Origins(input, columns);
        InputSchema = input;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_origins.Select(origin => origin >= 0 ? new(input[origin]) : columns[~origin].Column));
        OutputSchema = builder.ToSchema();
    }

    internal bool IsPassedThrough(int outputIndex, out int inputIndex) => (inputIndex = _origins[outputIndex]) >= 0;

    internal MappedColumn Mapped(int outputIndex) => _columns[~_origins[outputIndex]];

    internal IEnumerable<DataViewSchema.Column> Dependencies(ColumnSet active)
    {
        var needed = new SortedSet<int>();
        for (var i = 0; i < _origins.Length; i++)
        {
            if (!active.Contains(i))
                continue;
            if (IsPassedThrough(i, out var input))
                needed.Add(input);
            else
                needed.UnionWith(Mapped(i).Inputs);
        }
        return needed.Select(index => InputSchema[index]);
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => Dependencies(ColumnSet.Of(OutputSchema, dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        return new MappedRow(input, this, ColumnSet.Of(OutputSchema, activeColumns));
    }

    // A computed column stands at the end, or right behind the column of its name that it hides.
    private static int[] Origins(DataViewSchema input, IReadOnlyList<MappedColumn> columns)
    {
        var origins = Enumerable.Range(0, input.Count).ToList();
        for (var i = 0; i < columns.Count; i++)
        {
            var name = columns[i].Column.Name;
            var hidden = origins.FindLastIndex(origin => name == (origin >= 0 ? input[origin].Name : columns[~origin].Column.Name));
            origins.Insert(hidden < 0 ? origins.Count : hidden + 1, ~i);
        }
        return [.. origins];
    }
}

/// <summary>Some columns of one schema.</summary>
internal sealed class ColumnSet
{
    private readonly bool[] _members;

    private ColumnSet(bool[] members) => _members = members;

    internal static ColumnSet Of(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        var members = new bool[schema.Count];
        foreach (var column in columns ?? [])
        {
            Contracts.CheckParam(column.Index < members.Length && schema[column.Index].Name == column.Name, nameof(columns),
                $"The column '{column.Name}' is not of this schema.");
            members[column.Index] = true;
        }
        return new(members);
    }

    internal bool Contains(int index) => _members[index];

    internal bool Contains(DataViewSchema.Column column)
    {
        Contracts.CheckParam(column.Index < _members.Length, nameof(column), $"The column '{column.Name}' is not of this schema.");
        return _members[column.Index];
    }

    internal void CheckContains(DataViewSchema.Column column)
        => Contracts.CheckParam(Contains(column), nameof(column),
            $"The column '{column.Name}' was not asked for when the cursor was created.");

    internal IEnumerable<DataViewSchema.Column> Columns(DataViewSchema schema) => schema.Where(column => _members[column.Index]);
}
