using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Reads files even if another process has locked them.</summary>
internal static partial class UnlockedFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be opened, or is a folder, a pipe, a socket, a terminal or a device.</exception>
    public static FileStream OpenRead(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        FileStream? stream = null;
        try
        {
            stream = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()
                ? new FileStream(HandleOf(path), FileAccess.Read)
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // If the system does not tell the type, a device is recognized by having data but no length. The length is read a second time,
            // because another process can start to write a file between the first two reads.
            if (stream.CanSeek && IsRegular(stream.SafeFileHandle) && (stream.Length > 0 || stream.ReadByte() < 0 || stream.Length > 0))
            {
                stream.Position = 0;
                return stream;
            }
        }
        catch (IOException e) when (stream is not null)
        {
            stream.Dispose();
            throw new IOException($"{path} cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"{path} cannot be read: {e.Message}", e);
        }

        stream.Dispose();
        throw new IOException($"{path} cannot be read: it is not a regular file.");
    }

    /// <summary>Whether this is a regular file, not a device, pipe, socket or terminal. True if the system does not tell.</summary>
    public static bool IsRegular(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) return true;
        const int EmptyPath = 0x1000;
        const uint TypeOnly = 1;
        const int TypeBits = 0xF000, Regular = 0x8000;
        // The structure statx is the same on every processor: 256 bytes, with the mode at offset 28.
        Span<byte> status = stackalloc byte[256];
        return Status(file, "", EmptyPath, TypeOnly, ref MemoryMarshal.GetReference(status)) != 0
            || (BitConverter.ToUInt16(status[28..]) & TypeBits) == Regular;
    }

    // On Linux and macOS, .NET locks every file that it opens, which fails if another process has an exclusive lock. So the file is opened
    // by the system call. It does not block, because opening a pipe without a writer would wait forever.
    private static SafeFileHandle HandleOf(string path)
    {
        var (nonBlocking, closeOnExecute) = OperatingSystem.IsLinux() ? (0x800, 0x80000) : (0x4, 0x1000000);
        var descriptor = Open(path, nonBlocking | closeOnExecute);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"{path} cannot be read: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(SafeFileHandle file, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
