using System.Security.Cryptography;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// A lock that keeps other trainings, in this and in other processes, away from files. It is an open file that no other training can open.
/// The file contains a magic number, so that it is not confused with a file of the user, and a random number for this lock.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // The error codes for opening a file that another process has locked: EWOULDBLOCK on Linux and macOS, a sharing violation on Windows.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly string _path;
    private readonly FileStream _file;
    private readonly byte[] _content = [.. Mark, .. RandomNumberGenerator.GetBytes(16)];

    private FileLock(string path)
    {
        _path = path;
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            // Only on Windows: elsewhere, when this file is closed, another process can already have created a file with the same name.
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
            BufferSize = 0,
        });
        try
        {
            _file.SetLength(0);
            _file.Write(_content);
        }
        catch
        {
            OwnFile.TryDelete(path);
            _file.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> Mark => "LRSLOCK "u8;

    /// <summary>
    /// Whether the lock still keeps others away. Except on Windows, an open file can be deleted, and another one created with its name.
    /// </summary>
    public bool IsHeld
    {
        get
        {
            if (OperatingSystem.IsWindows()) return true;
            try
            {
                using var file = UnlockedFile.OpenRead(_path);
                Span<byte> content = new byte[_content.Length + 1];
                return content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)].SequenceEqual(_content);
            }
            catch (FileNotFoundException)
            {
                return false;
            }
            catch (IOException)
            {
                // A file that cannot be read cannot be written either. The error of that write is reported later.
                return true;
            }
        }
    }

    /// <summary>Takes the lock. Returns null if another training has it.</summary>
    /// <param name="path">The lock file. It is created if it does not exist, and deleted when the lock is released.</param>
    /// <exception cref="IOException">
    /// The file cannot be opened, and the reason is not a lock; or it is a file of the user, which is not changed.
    /// </exception>
    public static FileLock? TryTake(string path)
    {
        try
        {
            while (true)
            {
                RefuseOthers(path);
                var taken = new FileLock(path);
                // The previous owner may have deleted the file after it was opened here. A lock on a deleted file keeps nobody away.
                if (taken.IsHeld) return taken;
                taken._file.Dispose();
            }
        }
        catch (IOException e) when (IsLocked(e))
        {
            return null;
        }
    }

    /// <summary>Whether a file could not be opened because another process has locked it.</summary>
    public static bool IsLocked(IOException e) => e.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolation;

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows() && IsHeld) OwnFile.TryDelete(_path);
        _file.Dispose();
    }

    private static void RefuseOthers(string path)
    {
        try
        {
            if (new FileInfo(path).LinkTarget is null && OwnFile.MayBeReplaced(path, Mark)) return;
        }
        catch (FileNotFoundException)
        {
            // The previous owner has just released the lock.
            return;
        }

        throw new IOException($"{path} is not the lock file of a training, and was not changed. Delete it, or choose another folder.");
    }
}
