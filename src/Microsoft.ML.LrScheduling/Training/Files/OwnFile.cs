namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Replaces files safely, but only files that this library has written.</summary>
internal static class OwnFile
{
    /// <summary>The extension of files that are not complete yet.</summary>
    public const string Temporary = ".tmp";

    /// <summary>Whether a file may be replaced: it does not exist, it is empty, or it starts with the mark of this library.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mark">The first bytes of this library's files. A truncated file may have only some of them.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
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

    /// <summary>Returns a unique name for the temporary file that is written before it replaces another file.</summary>
    public static string TemporaryFor(string path) => $"{path}.{Guid.NewGuid():N}{Temporary}";

    /// <summary>
    /// Writes a file, or replaces an existing one: writes a temporary file next to it, flushes it to disk and renames it, so that the file
    /// is never incomplete. On Unix the permissions of an existing file are kept.
    /// </summary>
    /// <param name="path">The file. A symbolic link is replaced by the file, and its target is not changed.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The file cannot be written. It is not changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written. It is not changed.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = TemporaryFor(path);
        // CreateNew, because anything that already has this name, such as a link, is not a file of this library.
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

    /// <summary>
    /// Writes to the file system. .NET throws another exception for a file that becomes too large; here it is an IOException too.
    /// </summary>
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

    /// <summary>Deletes a file that is no longer needed, if that is possible.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that remains does no harm.
        }
    }

    /// <summary>Creates the folder of a file if it does not exist.</summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
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
