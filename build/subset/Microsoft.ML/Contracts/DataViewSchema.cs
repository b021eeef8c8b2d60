using System.Collections;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed partial class DataViewSchema : IReadOnlyList<DataViewSchema.Column>
{
    private readonly Column[] _columns;
    private readonly Dictionary<string, int> _byName = [];

    public int Count => _columns.Length;

    private DataViewSchema(IReadOnlyList<DetachedColumn> columns)
    {
        // The last column of a name is the one that the name means; those before it are hidden.
        for (var i = 0; i < columns.Count; i++)
            _byName[columns[i].Name] = i;
        _columns = new Column[columns.Count];
        for (var i = 0; i < columns.Count; i++)
            _columns[i] = new(columns[i].Name, i, _byName[columns[i].Name] != i, columns[i].Type, columns[i].Annotations);
    }

    public Column this[int columnIndex]
    {
        get
        {
            if ((uint)columnIndex >= (uint)_columns.Length)
                throw Contracts.ExceptParam(nameof(columnIndex),
                    $"A column's index must be in [0, {_columns.Length - 1}]. Received: {columnIndex}.");
            return _columns[columnIndex];
        }
    }

    public Column this[string name]
    {
        get
        {
            CheckName(name);
            return this.ColumnOrThrow(name, nameof(name));
        }
    }

    public Column? GetColumnOrNull(string name)
    {
        CheckName(name);
        return _byName.TryGetValue(name, out var index) ? _columns[index] : null;
    }

    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{Count} columns";

    // Unlike other arguments, an empty name of a column counts as none at all.
    private static void CheckName(string name) => Contracts.CheckValue(string.IsNullOrEmpty(name) ? null : name, nameof(name));

    public readonly struct Column
    {
        public string Name { get; }

        public int Index { get; }

        public bool IsHidden { get; }

        public DataViewType Type { get; }

        public Annotations Annotations { get; }

        internal Column(string name, int index, bool isHidden, DataViewType type, Annotations annotations)
            => (Name, Index, IsHidden, Type, Annotations) = (name, index, isHidden, type, annotations);

        public override string ToString()
        {
            if (Annotations is null or { Schema.Count: 0 })
                return $"{Name}: {Type}";
            return $"{Name}: {Type} {{{Annotations}}}";
        }
    }

    public struct DetachedColumn
    {
        public string Name { get; }

        public DataViewType Type { get; }

        public Annotations Annotations { get; }

        public DetachedColumn(string name, DataViewType type, Annotations annotations = null)
        {
            CheckName(name);
            Contracts.CheckValue(type, nameof(type));
            (Name, Type, Annotations) = (name, type, annotations ?? Annotations.Empty);
        }

        public DetachedColumn(Column column) : this(column.Name, column.Type, column.Annotations)
        {
        }
    }

    public sealed class Builder
    {
        private readonly List<DetachedColumn> _items = [];

        public void AddColumn(string name, DataViewType type, Annotations annotations = null) => _items.Add(new(name, type, annotations));

        public void AddColumns(IEnumerable<Column> source) => _items.AddRange(source.Select(column => new DetachedColumn(column)));

        public void AddColumns(IEnumerable<DetachedColumn> source) => _items.AddRange(source);

        public DataViewSchema ToSchema() => new(_items);
    }
}
