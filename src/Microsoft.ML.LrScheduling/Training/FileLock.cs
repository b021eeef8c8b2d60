namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Keeps other trainings away from files, of this process and of others, as long as it lives: an open file that nobody else can open.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // What opening a file gives that another process has locked: of Linux and macOS EWOULDBLOCK, of Windows a sharing violation.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; null where another has it.</summary>
    /// <param name="path">The file, which is made where there is none, and is gone when the lock is.</param>
    /// <exception cref="IOException">The file cannot be opened, for another reason than a lock.</exception>
    public static FileLock? TryTake(string path)
    {
        try
        {
            while (true)
            {
                var file = new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    Options = FileOptions.DeleteOnClose,
                    BufferSize = 0,
                });
                // Who had it may have deleted it between opening and locking: that lock keeps nobody away.
                if (File.Exists(path)) return new FileLock(file);
                file.Dispose();
            }
        }
        catch (IOException e) when (IsLocked(e))
        {
            return null;
        }
    }

    /// <summary>Whether a file could not be opened because another has locked it, and for no other reason.</summary>
    public static bool IsLocked(IOException e) => e.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolation;

    public void Dispose() => _file.Dispose();
}
