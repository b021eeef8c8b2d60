using System.Security.Cryptography;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Keeps other trainings away from files, of this process and of others, as long as it lives: an open file that nobody else can open.
/// In it is a mark, which tells it from a file of the user's, and a number that no other lock has.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // What opening a file gives that another process has locked: of Linux and macOS EWOULDBLOCK, of Windows a sharing violation.
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
            // Elsewhere a file of the name may be another's by the time this one is closed.
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
    /// Whether it keeps others away still: elsewhere than on Windows a file that is open can be deleted, and another be made of its name.
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
                // What cannot be read now cannot be written either, and then says why.
                return true;
            }
        }
    }

    /// <summary>Takes the lock; null where another has it.</summary>
    /// <param name="path">The file, which is made where there is none, and is gone when the lock is.</param>
    /// <exception cref="IOException">
    /// The file cannot be opened, for another reason than a lock; or it is one of the user's, and is left as it is.
    /// </exception>
    public static FileLock? TryTake(string path)
    {
        try
        {
            while (true)
            {
                RefuseOthers(path);
                var taken = new FileLock(path);
                // Who had it may have deleted it between opening and locking: that lock keeps nobody away.
                if (taken.IsHeld) return taken;
                taken._file.Dispose();
            }
        }
        catch (IOException e) when (IsLocked(e))
        {
            return null;
        }
    }

    /// <summary>Whether a file could not be opened because another has locked it, and for no other reason.</summary>
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
            // Who had it has just let go of it.
            return;
        }

        throw new IOException($"{path} is not the lock file of a training, and was not changed. Delete it, or choose another folder.");
    }
}
