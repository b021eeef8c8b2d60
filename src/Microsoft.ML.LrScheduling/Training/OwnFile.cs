namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Files that are written over: only those that are ours.</summary>
internal static class OwnFile
{
    /// <summary>Whether a file may be written over: there is none, it is empty, or it begins as ours do.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mark">What ours begin with; of one that has been cut, a part of it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool MayBeReplaced(string path, ReadOnlySpan<byte> mark)
    {
        if (!Path.Exists(path)) return true;
        using var file = UnlockedFile.OpenRead(path);
        Span<byte> start = new byte[mark.Length];
        return mark.StartsWith(start[..file.ReadAtLeast(start, mark.Length, throwOnEndOfStream: false)]);
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
        catch (Exception e) when (e is UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"The folder {folder} cannot be made: {e.Message}", e);
        }
    }
}
