using System.Collections;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>The lines of a stream, one at a time, which end with LF, CR LF or CR.</summary>
/// <param name="stream">The stream, read from where it stands; a mark of UTF-8 at its beginning is left out.</param>
internal sealed class JournalLines(Stream stream) : IEnumerable<JournalLines.Line>
{
    private const int Chunk = 1 << 16;

    /// <summary>A line.</summary>
    /// <param name="Text">Its bytes, without its end, until the next line is asked for.</param>
    /// <param name="End">The bytes of the stream up to its end.</param>
    /// <param name="HasEnd">Whether it has one; the last line may have none.</param>
    public readonly record struct Line(ReadOnlyMemory<byte> Text, long End, bool HasEnd);

    /// <summary>The bytes of a line after which it is given as one without an end, and is the last.</summary>
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

    /// <summary>Where the first line ends, without its end and with it; null where it is not known yet.</summary>
    private static (int Length, int End)? EndOf(ReadOnlySpan<byte> bytes, bool isOver)
    {
        var length = bytes.IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0) return null;
        if (bytes[length] == '\n') return (length, length + 1);
        // A CR may be half of an end.
        if (length + 1 == bytes.Length) return isOver ? (length, length + 1) : null;
        return (length, bytes[length + 1] == '\n' ? length + 2 : length + 1);
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line, bool isFirst) =>
        isFirst && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
}
