using System.Collections;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>The lines of a stream, one at a time.</summary>
/// <param name="stream">The stream, read from where it stands; a mark of UTF-8 at its beginning is left out.</param>
internal sealed class JournalLines(Stream stream) : IEnumerable<JournalLines.Line>
{
    private const int Chunk = 1 << 16;

    /// <summary>A line.</summary>
    /// <param name="Text">Its bytes, without its end, until the next line is asked for.</param>
    /// <param name="End">The bytes of the stream up to its end.</param>
    /// <param name="HasEnd">Whether it has one; the last line may have none.</param>
    public readonly record struct Line(ReadOnlyMemory<byte> Text, long End, bool HasEnd);

    /// <inheritdoc/>
    public IEnumerator<Line> GetEnumerator()
    {
        var (buffer, start, count, place, isFirst) = (new byte[Chunk], 0, 0, 0L, true);
        while (true)
        {
            if (buffer.AsSpan(start, count).IndexOf((byte)'\n') is >= 0 and var length)
            {
                place += length + 1;
                yield return new Line(WithoutMark(buffer.AsMemory(start, length), isFirst), place, HasEnd: true);
                (start, count, isFirst) = (start + length + 1, count - length - 1, false);
                continue;
            }

            buffer.AsSpan(start, count).CopyTo(buffer);
            start = 0;
            if (count == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, Array.MaxLength));
            var read = stream.Read(buffer.AsSpan(count));
            count += read;
            if (read > 0) continue;
            if (count > 0) yield return new Line(WithoutMark(buffer.AsMemory(0, count), isFirst), place + count, HasEnd: false);
            yield break;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line, bool isFirst) =>
        isFirst && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
}
