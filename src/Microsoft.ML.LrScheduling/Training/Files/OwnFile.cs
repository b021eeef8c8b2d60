namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Files that are written over: only those that are ours.</summary>
internal static class OwnFile
{
    /// <summary>What the names of files end with that are not whole yet.</summary>
    public const string Temporary = ".tmp";

    /// <summary>Whether a file may be written over: there is none, it is empty, or it begins as ours do.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mark">What ours begin with; of one that has been cut, a part of it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool MayBeReplaced(string path, ReadOnlySpan<byte> mark)
    {
        if (!Path.Exists(path)) return true;
        using var file = UnlockedFile.OpenRead(path);
        Span<byte> start = new byte[mark.Length];
        try
        {
            return mark.StartsWith(start[..file.ReadAtLeast(start, mark.Length, throwOnEndOfStream: false)]);
        }
        catch (IOException e)
        {
            throw new IOException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The name of a file beside another one that is to be written first: one that nobody has put there before.</summary>
    public static string TemporaryFor(string path) => $"{path}.{Guid.NewGuid():N}{Temporary}";

    /// <summary>
    /// Writes a file, in place of one that may be there: beside it, then to the disk, then by renaming, so that there is never a moment
    /// with half of it. Who may read the file stays who may.
    /// </summary>
    /// <param name="path">The file; what is in the place of a link is the file, and what the link led to stays.</param>
    /// <param name="write">Writes what is in it.</param>
    /// <exception cref="IOException">It cannot be written, and is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written, and is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = TemporaryFor(path);
        // What is there already, as a link may be, is not ours.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows() && File.Exists(path)) options.UnixCreateMode = File.GetUnixFileMode(path);
        try
        {
            ToDisk(() =>
            {
                using var stream = new FileStream(temporary, options);
                write(stream);
                stream.Flush(flushToDisk: true);
            });
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Writes to a file system, whose refusals are of one kind: .NET has another for a file that becomes too large.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void ToDisk(Action write)
    {
        try
        {
            write();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException("The file would become larger than the file system, or a limit of the process, allows.", e);
        }
    }

    /// <summary>Deletes a file that is needed no more, where that can be done.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // One too many does no harm.
        }
    }

    /// <summary>Makes the folder of a file, where there is none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void MakeFolder(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder) return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"The folder {folder} cannot be made: {e.Message}", e);
        }
    }
}
