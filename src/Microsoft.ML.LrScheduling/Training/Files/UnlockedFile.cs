using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Files that are read whoever has locked them.</summary>
internal static partial class UnlockedFile
{
    /// <summary>Opens a file to be read.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It cannot be opened, or is a folder, a pipe, a socket, a terminal or a device.</exception>
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
            // A device has no length and something to read, where nothing tells its type. Who writes a file may begin between the two.
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

    /// <summary>Whether a file is one on a disk, and no device, pipe, socket or terminal; where the system does not tell, true.</summary>
    public static bool IsRegular(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) return true;
        const int EmptyPath = 0x1000;
        const uint TypeOnly = 1;
        const int TypeBits = 0xF000, Regular = 0x8000;
        // A structure that is the same on every processor: 256 bytes, in which the mode is at 28.
        Span<byte> status = stackalloc byte[256];
        return Status(file, "", EmptyPath, TypeOnly, ref MemoryMarshal.GetReference(status)) != 0
            || (BitConverter.ToUInt16(status[28..]) & TypeBits) == Regular;
    }

    // .NET takes a lock on every file that it opens there, which fails where another process has one that is exclusive. Without blocking,
    // since a pipe without a writer would be waited for.
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
