using System.IO.Compression;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Reads an entry of a zip file from start to end, and checks its checksum at the end.</summary>
/// <param name="entry">The entry.</param>
/// <param name="most">The maximum size in bytes, because a few bytes in a zip file can stand for any number of bytes.</param>
/// <param name="name">The name of the content, for messages.</param>
internal sealed class ZipEntryStream(ZipArchiveEntry entry, long most, string name) : Stream
{
    private readonly Stream _content = entry.Open();
    private long _length;
    private uint _checksum;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The content is too long, or its checksum does not match.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        var count = _content.Read(buffer);
        if (count == 0 && _checksum != entry.Crc32) throw new InvalidDataException($"{name} is damaged: its checksum does not match.");
        _checksum = Crc32.Append(_checksum, buffer[..count]);
        _length += count;
        return _length <= most ? count : throw new InvalidDataException($"{name} must have at most {most >> 20} MiB.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }
}
