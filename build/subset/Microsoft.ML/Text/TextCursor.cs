using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal sealed class TextCursor : DataViewRowCursor
{
    private readonly TextView _view;
    private readonly TextRows _rows;
    private readonly TextReport _report;
    private readonly SharedBlocks _blocks;
    private readonly FieldScanner _scanner;
    private readonly TextField[] _fields;
    private readonly TextField[] _active;
    private long _position = -1;
    private bool _atEnd;

    internal TextCursor(TextView view, bool[] active, SharedBlocks blocks, TextReport report)
    {
        _view = view;
        _blocks = blocks;
        _report = report;
        _fields = [.. view.Columns.Select((column, i) => active[i] ? TextField.Create(column, view.Format) : null)];
        _active = [.. _fields.Where(field => field is not null)];
        _scanner = new FieldScanner(view.Format, LastNeeded(view, active));
        _rows = new TextRows(blocks.Value, view.Format, view.Format.HasHeader);
    }

    public override DataViewSchema Schema => _view.Schema;

    public override long Position => _atEnd ? -1 : _position;

    public override long Batch => _rows.Block;

    public override bool IsColumnActive(DataViewSchema.Column column) => _fields[column.Index] is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Index >= _fields.Length || _fields[column.Index] is not { } field)
            throw Contracts.ExceptParam(nameof(column), $"The column '{column.Name}' was not asked for when the cursor was created");
        return Getters.Typed<TValue>(field.Getter, column.Type);
    }

    // The line names the row: whichever cursor of a set reads it, it has the same id.
    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref id) => id = new DataViewRowId((ulong)_rows.Line - 1, (ulong)_rows.File);

    public override bool MoveNext()
    {
        if (_atEnd || _position + 1 >= _view.Format.MaxRows || !_rows.MoveNext())
        {
            _atEnd = true;
            return false;
        }
        _position++;
        _scanner.Scan(_rows.Buffer, _rows.Start, _rows.End);
        if (_scanner.Fault is { } fault)
            _report.Fault(_rows.Line, fault);
        foreach (var field in _active)
            field.Read(_scanner, _rows.Buffer, _rows.Line, _report);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _atEnd = true;
        _blocks.Release();
        _report.Close(_position + 1);
    }

    private static int LastNeeded(TextView view, bool[] active) =>
        view.Columns.Where((_, i) => active[i]).Select(column => column.LastSource).DefaultIfEmpty(-1).Max();
}

/// <summary>The blocks that the cursors of a set read together; the last one to go closes the file.</summary>
internal sealed class SharedBlocks(TextBlocks blocks, int readers)
{
    private int _readers = readers;

    internal TextBlocks Value => blocks;

    internal void Release()
    {
        if (Interlocked.Decrement(ref _readers) == 0)
            blocks.Dispose();
    }
}
