using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Finds out, from the options and a sample of the data, what columns a file has.</summary>
internal static class TextBinding
{
    private const int SampleRows = 100;

    internal static TextColumn[] Columns(TextLoader.Column[] columns, TextFormat format, IMultiStreamSource sample)
    {
        foreach (var column in columns)
        {
            Contracts.CheckParam(!string.IsNullOrWhiteSpace(column.Name), nameof(column.Name), "A column needs a name");
            Contracts.CheckParam(column.Source is { Length: > 0 }, nameof(column.Source), "Must specify some source column indices");
        }
        var ranges = columns.SelectMany(column => column.Source).ToList();
        Contracts.CheckParam(ranges.Count(range => range.AllOther) <= 1, nameof(TextLoader.Range.AllOther),
            "At most one all other range can be specified");
        var width = ranges.Any(range => range.Max is null && (range.AutoEnd || (range.AllOther && !range.VariableEnd)))
            ? Width(format, sample)
            : 0;
        return Array.ConvertAll(columns, column => Bind(column, columns, width));
    }

    /// <summary>The names of a vector's slots as a header gives them, or null if it gives none.</summary>
    internal static ReadOnlyMemory<char>[] SlotNames(TextColumn column, string header, TextFormat format)
    {
        if (column.Type is not VectorDataViewType { IsKnownSize: true } || string.IsNullOrEmpty(header))
            return null;
        var buffer = header.ToCharArray();
        var scanner = new FieldScanner(format, int.MaxValue);
        scanner.Scan(buffer, 0, buffer.Length);
        var names = new ReadOnlyMemory<char>[column.FixedSize];
        var slot = 0;
        foreach (var segment in column.Segments)
        {
            for (var i = scanner.IndexFrom(segment.Min); i < scanner.Count && scanner.Source(i) < segment.Limit; i++)
                names[slot + scanner.Source(i) - segment.Min] = scanner.Text(buffer, i).Trim().ToString().AsMemory();
            slot += segment.Length;
        }
        return Array.TrueForAll(names, name => name.IsEmpty) ? null : names;
    }

    /// <summary>The first row that is no comment, or null.</summary>
    internal static string FirstRow(TextFormat format, IMultiStreamSource source)
    {
        if (source is null)
            return null;
        using var blocks = new TextBlocks(source, format);
        var rows = new TextRows(blocks, format, skipHeader: false);
        return rows.MoveNext() ? new string(rows.Buffer, rows.Start, rows.End - rows.Start) : null;
    }

    private static TextColumn Bind(TextLoader.Column column, TextLoader.Column[] columns, int width)
    {
        var segments = new List<Segment>();
        foreach (var range in column.Source)
        {
            var segment = TextColumn.Bind(range, width);
            if (range.AllOther)
            {
                var others = columns.SelectMany(other => other.Source).Where(other => other != range);
                segments.AddRange(Remaining(segment, others.Select(other => TextColumn.Bind(other, width))));
            }
            else
                segments.Add(segment);
        }
        Contracts.CheckParam(segments.Count > 0, nameof(TextLoader.Range.AllOther), "No index is selected as all other indexes.");
        return TextColumn.Create(column.Name.Trim(), column.DataKind, column.DataKind.ItemType(column.KeyCount), segments);
    }

    private static IEnumerable<Segment> Remaining(Segment whole, IEnumerable<Segment> taken)
    {
        var min = whole.Min;
        foreach (var segment in taken.OrderBy(segment => segment.Min))
        {
            if (min < Math.Min(segment.Min, whole.Limit))
                yield return new(min, Math.Min(segment.Min, whole.Limit), ForceVector: true);
            min = Math.Max(min, segment.Limit);
        }
        if (min < whole.Limit)
            yield return new(min, whole.Limit, ForceVector: true);
    }

    private static int Width(TextFormat format, IMultiStreamSource sample)
    {
        if (format.InputSize > 0)
            return format.InputSize;
        var (least, most) = (int.MaxValue, 0);
        if (sample is not null)
        {
            using var blocks = new TextBlocks(sample, format);
            var rows = new TextRows(blocks, format, skipHeader: false);
            var scanner = new FieldScanner(format, int.MaxValue);
            for (var i = 0; i < SampleRows && rows.MoveNext(); i++)
            {
                scanner.Scan(rows.Buffer, rows.Start, rows.End);
                (least, most) = (Math.Min(least, scanner.Width), Math.Max(most, scanner.Width));
            }
        }
        Contracts.CheckParam(most > 0, nameof(TextLoader.Column.Source), "Can't determine the number of source columns without valid data");
        Contracts.CheckParam(least == most, nameof(TextLoader.Column.Source), "The size of input lines is not consistent");
        return most;
    }
}
