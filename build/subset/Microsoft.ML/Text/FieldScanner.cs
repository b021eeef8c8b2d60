namespace Microsoft.ML.Data;

/// <summary>Cuts a row into fields, and remembers where each lies in the buffer.</summary>
internal sealed class FieldScanner(TextFormat format, int lastNeeded)
{
    private const char Quote = '"';
    private readonly char[] _separators = format.Separators;
    private readonly bool _spaceSeparates = format.SpaceSeparates;
    private Field[] _fields = new Field[16];

    /// <summary>A field: which column of the file it is, and its place in the buffer.</summary>
    private readonly record struct Field(int Source, int Start, int Length);

    /// <summary>How many fields were recorded.</summary>
    internal int Count { get; private set; }

    /// <summary>The number of columns that the row turned out to have, as far as it was scanned.</summary>
    internal int Width { get; private set; }

    /// <summary>Whether fields were left out because the row names its non-zero fields alone.</summary>
    internal bool IsSparse { get; private set; }

    /// <summary>What is wrong with the row's form, or null; the fields in front of the fault stand.</summary>
    internal string Fault { get; private set; }

    internal int Source(int index) => _fields[index].Source;

    internal ReadOnlySpan<char> Text(char[] buffer, int index)
    {
        ref readonly var field = ref _fields[index];
        return buffer.AsSpan(field.Start, field.Length);
    }

    /// <summary>The index of the first recorded field at or behind a column of the file.</summary>
    internal int IndexFrom(int source)
    {
        if (!IsSparse)
            return Math.Min(source, Count);
        var low = 0;
        for (var high = Count; low < high;)
        {
            var middle = (low + high) >>> 1;
            if (_fields[middle].Source < source)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>Scans the row at [start, end) of <paramref name="buffer"/>. Quoted fields are unquoted in place.</summary>
    internal void Scan(char[] buffer, int start, int end)
    {
        if (format.TrimWhitespace)
            while (end > start && char.IsWhiteSpace(buffer[end - 1]))
                end--;
        (Count, Width, IsSparse, Fault) = (0, 0, false, null);
        var position = start;
        var source = 0;
        var more = true;
        while (more && (source <= lastNeeded || format.AllowSparse))
        {
            SkipSpaces(buffer, ref position, end);
            if (format.AllowSparse && TrySparseIndex(buffer, ref position, end, out var index))
            {
                ScanSparse(buffer, position, end, index, source);
                return;
            }
            more = ScanField(buffer, ref position, end, source++);
        }
        Width = Math.Max(source, format.AllowSparse ? format.InputSize : 0);
    }

    // index:value pairs follow the dense fields, of which the last gives the number of sparse columns unless it is configured.
    private void ScanSparse(char[] buffer, int position, int end, int index, int dense)
    {
        var size = format.InputSize;
        if (size == 0)
        {
            if (Count == 0 || !int.TryParse(Text(buffer, Count - 1), out var declared) || declared <= 0)
            {
                Width = dense;
                Fault = "Missing or bad dimensionality, or ambiguous sparse item";
                return;
            }
            Count--;
            dense--;
            size = checked(dense + declared);
        }
        (IsSparse, Width) = (true, size);
        var previous = -1;
        while (true)
        {
            if (index <= previous || index >= size - dense)
            {
                Fault = index <= previous ? "Sparse indices out of order" : "Sparse item index larger than expected";
                return;
            }
            previous = index;
            if (!ScanField(buffer, ref position, end, dense + index))
                return;
            SkipSpaces(buffer, ref position, end);
            if (!TrySparseIndex(buffer, ref position, end, out index))
            {
                Fault = position < end ? "Non-sparse formatted value follows sparse formatted value" : Fault;
                return;
            }
        }
    }

    // At most nine digits, so that an index cannot overflow.
    private static bool TrySparseIndex(char[] buffer, ref int position, int end, out int index)
    {
        index = 0;
        var i = position;
        while (i < end && i < position + 9 && char.IsAsciiDigit(buffer[i]))
            index = index * 10 + (buffer[i++] - '0');
        if (i == position || i >= end || buffer[i] != ':')
            return false;
        position = i + 1;
        return true;
    }

    private void SkipSpaces(char[] buffer, ref int position, int end)
    {
        if (_spaceSeparates)
            return;
        while (position < end && buffer[position] == ' ')
            position++;
    }

    // Returns whether another field follows.
    private bool ScanField(char[] buffer, ref int position, int end, int source)
    {
        SkipSpaces(buffer, ref position, end);
        if (format.AllowQuoting && position < end && buffer[position] == Quote)
            ScanQuoted(buffer, ref position, end, source);
        else
        {
            var length = buffer.AsSpan(position, end - position).IndexOfAny(_separators);
            if (length < 0)
                length = end - position;
            Record(source, position, length);
            position += length;
        }
        if (position >= end)
            return false;
        position++;
        return true;
    }

    private void ScanQuoted(char[] buffer, ref int position, int end, int source)
    {
        var start = ++position;
        var write = start;
        var closed = false;
        var bad = false;
        while (position < end)
        {
            var c = buffer[position++];
            var escapes = c == format.EscapeChar && position < end && buffer[position] == Quote;
            if (escapes)
                c = buffer[position++];
            else if (c == Quote)
            {
                closed = true;
                break;
            }
            // A row of several lines has line feeds alone between them.
            else if (c == '\r' && position < end && buffer[position] == '\n')
                continue;
            buffer[write++] = c;
        }
        // Only spaces may stand between the closing quote and the next separator; a field that breaks this counts as empty.
        for (; position < end && !_separators.AsSpan().Contains(buffer[position]); position++)
            bad |= buffer[position] != ' ';
        if (!closed || bad)
            Fault = "Illegal quoting";
        Record(source, start, closed && !bad ? write - start : 0);
    }

    private void Record(int source, int start, int length)
    {
        if (Count == _fields.Length)
            Array.Resize(ref _fields, 2 * Count);
        _fields[Count++] = new(source, start, length);
    }
}
