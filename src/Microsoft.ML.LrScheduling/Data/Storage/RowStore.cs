using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Stores blocks of rows: in memory up to a limit, and then in a file in the folder for temporary files, which is mapped into memory for
/// reading. The file is deleted when the process ends, also if it is killed.
/// </summary>
/// <param name="limit">The maximum size of the blocks in memory, in bytes.</param>
internal sealed unsafe class RowStore(long limit) : IDisposable
{
    private readonly List<(MemoryMappedFile Map, MemoryMappedViewAccessor View)> _maps = [];
    private FileStream? _file;
    private float[]? _block;
    private byte* _address;
    private long _mappedBytes;

    /// <summary>The number of bytes in memory.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>The number of bytes in the file.</summary>
    public long FileBytes { get; private set; }

    /// <summary>Creates a store without a limit.</summary>
    public static RowStore Unlimited() => new(long.MaxValue);

    /// <summary>Stores a block.</summary>
    /// <param name="block">The block. If it was written to the file, the caller can reuse it.</param>
    /// <returns>The offset in the file; null if the block stays in memory.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public long? Keep(AlignedArray block)
    {
        var bytes = MemoryMarshal.AsBytes(block.Elements);
        if (_file is null && MemoryBytes + bytes.Length <= limit)
        {
            MemoryBytes += bytes.Length;
            return null;
        }

        var offset = FileBytes;
        try
        {
            _file ??= CreateFile();
            RandomAccess.Write(_file.SafeFileHandle, bytes, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new IOException(
                $"MemoryLimitMB must be greater, since the temp folder has no space for the other rows. Received: {limit >> 20}, with "
                + $"{offset >> 20} MB in a file in {Path.GetTempPath()}. "
                + "Increase it, free space there, or choose another temp folder (TMPDIR on Linux and macOS, TEMP on Windows). "
                + e.Message,
                e);
        }

        FileBytes += bytes.Length;
        return offset;
    }

    /// <summary>Changes a block in the file.</summary>
    /// <param name="offset">The offset of the block.</param>
    /// <param name="length">The length of the block, in numbers of four bytes.</param>
    /// <param name="change">Changes the block in place.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public void Rewrite(long offset, int length, Action<Span<float>> change)
    {
        _block = _block?.Length >= length ? _block : new float[length];
        var numbers = _block.AsSpan(0, length);
        var bytes = MemoryMarshal.AsBytes(numbers);
        for (var read = 0; read < bytes.Length;) read += RandomAccess.Read(_file!.SafeFileHandle, bytes[read..], offset + read);
        change(numbers);
        RandomAccess.Write(_file!.SafeFileHandle, bytes, offset);
    }

    /// <summary>Returns the address of a block in the mapped file. It is valid until this object is disposed.</summary>
    public nint AddressOf(long offset)
    {
        if (offset >= _mappedBytes) Map();
        return (nint)(_address + offset);
    }

    public void Dispose()
    {
        foreach (var (map, view) in _maps)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            map.Dispose();
        }

        _maps.Clear();
        _file?.Dispose();
    }

    // Maps the whole current file again. Earlier mappings remain, so addresses that were returned before stay valid.
    private void Map()
    {
        var map = MemoryMappedFile.CreateFromFile(
            _file!, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _address);
        _maps.Add((map, view));
        _mappedBytes = FileBytes;
    }

    private static FileStream CreateFile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"lrscheduling-{Guid.NewGuid():N}.rows");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        });
        // On Windows, DeleteOnClose also works if the process is killed. Elsewhere, a deleted file exists as long as it is open.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }
}
