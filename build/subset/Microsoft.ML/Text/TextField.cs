using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Keeps one column's value of the current row.</summary>
internal abstract class TextField(TextColumn column)
{
    protected TextColumn Column { get; } = column;

    /// <summary>The getter of the column, a <see cref="ValueGetter{TValue}"/> of its raw type.</summary>
    internal abstract Delegate Getter { get; }

    /// <summary>Reads the value from the scanned row.</summary>
    internal abstract void Read(FieldScanner row, char[] buffer, long line, TextReport report);

    internal static TextField Create(TextColumn column, TextFormat format) =>
        Generic.Call(Create<int>, column.ItemType.RawType, column, format);

    private static TextField Create<T>(TextColumn column, TextFormat format)
    {
        var parse = (FieldParser<T>)FieldParsers.For(column.ItemType, format);
        return column.Type is VectorDataViewType ? new VectorField<T>(column, parse) : new ScalarField<T>(column, parse);
    }

    protected bool Parsed<T>(FieldParser<T> parse, ReadOnlySpan<char> text, out T value, long line, TextReport report, int? slot)
    {
        if (parse(text, out value))
            return true;
        if (!FieldParsers.HasMissing(Column.ItemType))
            throw new FormatException("Parsing failed with an exception: " + (slot is null
                ? $"Could not parse value {text} in line {line}, column {Column.Name}"
                : $"Could not parse value {text} in slot {slot} of column {Column.Name} in line {line}"));
        report.BadValue(line, Column.Name, slot);
        return false;
    }
}

internal sealed class ScalarField<T> : TextField
{
    private readonly FieldParser<T> _parse;
    private readonly int _source;
    private T _value;

    internal ScalarField(TextColumn column, FieldParser<T> parse) : base(column)
    {
        _parse = parse;
        _source = column.Segments[0].Min;
        Getter = new ValueGetter<T>((ref value) => value = _value);
    }

    internal override Delegate Getter { get; }

    internal override void Read(FieldScanner row, char[] buffer, long line, TextReport report)
    {
        var index = row.IndexFrom(_source);
        var text = index < row.Count && row.Source(index) == _source ? row.Text(buffer, index) : default;
        Parsed(_parse, text, out _value, line, report, slot: null);
    }
}

internal sealed class VectorField<T> : TextField
{
    private readonly FieldParser<T> _parse;
    private readonly T _empty;
    private VBuffer<T> _value;

    internal VectorField(TextColumn column, FieldParser<T> parse) : base(column)
    {
        _parse = parse;
        parse(default, out _empty);
        Getter = new ValueGetter<VBuffer<T>>((ref value) => _value.CopyTo(ref value));
    }

    internal override Delegate Getter { get; }

    internal override void Read(FieldScanner row, char[] buffer, long line, TextReport report)
    {
        var size = Column.FixedSize;
        foreach (var segment in Column.Segments)
            if (segment.IsVariable)
                size += Math.Max(0, row.Width - segment.Min);
        if (row.IsSparse)
            ReadSparse(row, buffer, size, line, report);
        else
            ReadDense(row, buffer, size, line, report);
    }

    private void ReadDense(FieldScanner row, char[] buffer, int size, long line, TextReport report)
    {
        var editor = VBufferEditor.Create(ref _value, size);
        var values = editor.Values;
        var slot = 0;
        foreach (var segment in Column.Segments)
        {
            var limit = segment.IsVariable ? Math.Max(row.Width, segment.Min) : segment.Limit;
            for (var source = segment.Min; source < limit; source++, slot++)
            {
                if (source < row.Count)
                    Parsed(_parse, row.Text(buffer, source), out values[slot], line, report, slot);
                else
                    values[slot] = _empty;
            }
        }
        _value = editor.Commit();
    }

    private void ReadSparse(FieldScanner row, char[] buffer, int size, long line, TextReport report)
    {
        var editor = VBufferEditor.Create(ref _value, size, Math.Min(size, row.Count), requireIndicesOnDense: true);
        var count = 0;
        var first = 0;
        foreach (var segment in Column.Segments)
        {
            var limit = segment.IsVariable ? Math.Max(row.Width, segment.Min) : segment.Limit;
            for (var i = row.IndexFrom(segment.Min); i < row.Count && row.Source(i) < limit; i++)
            {
                var slot = first + row.Source(i) - segment.Min;
                Parsed(_parse, row.Text(buffer, i), out editor.Values[count], line, report, slot);
                editor.Indices[count++] = slot;
            }
            first += limit - segment.Min;
        }
        _value = editor.CommitTruncated(count);
    }
}
