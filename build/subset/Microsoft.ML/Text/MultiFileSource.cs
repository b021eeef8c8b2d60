namespace Microsoft.ML.Data;

public sealed class MultiFileSource : IMultiStreamSource
{
    private readonly string[] _paths;

    public MultiFileSource(params string[] paths) =>
        _paths = paths is null ? [] : [.. paths.Where(path => path is not null).SelectMany(Expand)];

    public int Count => _paths.Length;

    public string GetPathOrNull(int index) => _paths[index];

    public Stream Open(int index) =>
        new FileStream(_paths[index], FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);

    public TextReader OpenTextReader(int index) => new StreamReader(Open(index), bufferSize: 1 << 16);

    /// <summary>The files that a path with * or ? in its last part stands for, in order; else the path itself.</summary>
    internal static IEnumerable<string> Expand(string path)
    {
        var pattern = Path.GetFileName(path);
        if (!pattern.AsSpan().ContainsAny('*', '?'))
            return [path];
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];
    }
}
