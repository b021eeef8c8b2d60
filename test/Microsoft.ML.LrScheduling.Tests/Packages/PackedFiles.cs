using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Microsoft.ML.LrScheduling.Tests.Packages;

/// <summary>What a NuGet package holds.</summary>
internal sealed class PackedFiles(string path) : IDisposable
{
    // Of the specification of portable PDBs.
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private readonly ZipArchive _archive = ZipFile.OpenRead(path);

    /// <summary>The paths within the package, but those that every package has for NuGet itself.</summary>
    public string[] Names =>
    [
        .. _archive.Entries.Select(entry => entry.FullName).Where(name => name != "[Content_Types].xml" && name != NuspecName
            && !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal)),
    ];

    /// <summary>A file as text.</summary>
    public string Text(string name)
    {
        using var reader = new StreamReader(_archive.GetEntry(name)!.Open());
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>The value of an element of the nuspec, null where there is none.</summary>
    public string? Metadata(string element) => Nuspec(element).SingleOrDefault()?.Value;

    /// <summary>The ids of the packages that this one brings.</summary>
    public string[] Dependencies => [.. Nuspec("dependency").Select(dependency => (string)dependency.Attribute("id")!).Order()];

    /// <summary>The source files of an assembly by its symbols, each with whether the symbols hold its text.</summary>
    public (string Path, bool IsEmbedded)[] Sources(string assembly)
    {
        using var image = new MemoryStream();
        using (var entry = _archive.GetEntry(assembly)!.Open()) entry.CopyTo(image);
        image.Position = 0;
        using var reader = new PEReader(image);
        var embedded = reader.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var provider = reader.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        var symbols = provider.GetMetadataReader();
        return
        [
            .. symbols.Documents.Select(document => (
                symbols.GetString(symbols.GetDocument(document).Name),
                symbols.GetCustomDebugInformation(document)
                    .Any(one => symbols.GetGuid(symbols.GetCustomDebugInformation(one).Kind) == EmbeddedSource))),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private string NuspecName =>
        _archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).FullName;

    private IEnumerable<XElement> Nuspec(string element) =>
        XDocument.Parse(Text(NuspecName)).Descendants().Where(one => one.Name.LocalName == element);
}
