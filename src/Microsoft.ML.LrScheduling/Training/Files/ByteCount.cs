namespace Microsoft.ML.LrScheduling.Training;

/// <summary>A stream that counts the bytes written to it, and stores none of them.</summary>
internal sealed class ByteCount : Stream
{
    private long _count;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _count;

    public override long Position { get => _count; set => throw new NotSupportedException(); }

    /// <summary>Returns the number of bytes that <paramref name="write"/> writes.</summary>
    public static long Of(Action<BinaryWriter> write)
    {
        using var count = new ByteCount();
        using var writer = new BinaryWriter(count);
        write(writer);
        return count.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => _count += count;

    public override void Write(ReadOnlySpan<byte> buffer) => _count += buffer.Length;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
