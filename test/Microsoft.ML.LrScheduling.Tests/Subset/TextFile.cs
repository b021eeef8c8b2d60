namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>A file of some lines, gone with the test that made it.</summary>
internal sealed class TextFile : IDisposable
{
    internal TextFile(params IEnumerable<string> lines) => File.WriteAllLines(Path, lines);

    internal string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.txt");

    public void Dispose() => File.Delete(Path);
}
