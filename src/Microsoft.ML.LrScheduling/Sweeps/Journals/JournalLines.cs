using System.Collections;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>Reads the lines of a stream one at a time. Lines end with LF, CR LF or CR.</summary>
/// <param name="stream">The stream, read from its current position. A UTF-8 byte order mark at the start is skipped.</param>
internal sealed class JournalLines(Stream stream) : IEnumerable<JournalLines.Line>
{
    private const int Chunk = 1 << 16;

    /// <summary>A line.</summary>
    /// <param name="Text">The bytes of the line, without its line end. They are valid until the next line is read.</param>
    /// <param name="End">The number of bytes in the stream up to the end of the line.</param>
    /// <param name="HasEnd">Whether the line has a line end; the last line may have none.</param>
    public readonly record struct Line(ReadOnlyMemory<byte> Text, long End, bool HasEnd);

    /// <summary>The maximum length of a line in bytes. A longer line is returned as the last one, without an end.</summary>
    public int Longest { get; set; } = Array.MaxLength;

    /// <inheritdoc/>
    public IEnumerator<Line> GetEnumerator()
    {
        var (buffer, start, count, place, isFirst, isOver) = (new byte[Chunk], 0, 0, 0L, true, false);
        while (true)
        {
            if (EndOf(buffer.AsSpan(start, count), isOver) is var (length, end))
            {
                place += end;
                yield return new Line(WithoutMark(buffer.AsMemory(start, length), isFirst), place, HasEnd: true);
                (start, count, isFirst) = (start + end, count - end, false);
                continue;
            }

            buffer.AsSpan(start, count).CopyTo(buffer);
            start = 0;
            if (isOver || count >= Longest)
            {
                if (count > 0) yield return new Line(WithoutMark(buffer.AsMemory(0, count), isFirst), place + count, HasEnd: false);
                yield break;
            }

            if (count == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, Array.MaxLength));
            var read = stream.Read(buffer.AsSpan(count));
            (count, isOver) = (count + read, read == 0);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the length of the first line, without and with its line end; null if more bytes are needed.</summary>
    private static (int Length, int End)? EndOf(ReadOnlySpan<byte> bytes, bool isOver)
    {
        var length = bytes.IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0) return null;
        if (bytes[length] == '\n') return (length, length + 1);
        // A CR at the end of the buffer can be the first half of CR LF.
        if (length + 1 == bytes.Length) return isOver ? (length, length + 1) : null;
        return (length, bytes[length + 1] == '\n' ? length + 2 : length + 1);
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line, bool isFirst) =>
        isFirst && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
}
