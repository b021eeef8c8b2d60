namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>A table of docs/performance.md.</summary>
/// <param name="Name">The name in its markers.</param>
/// <param name="Header">The heads of its columns.</param>
internal sealed record Table(string Name, params string[] Header)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row: a cell a column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Adds a row that could not be measured, and why.</summary>
    public void AddMissing(string what, string reason) =>
        Add([what, $"not measured: {reason}", .. Enumerable.Repeat("", Header.Length - 2)]);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join('\n', _rows.Select(Line).Prepend($"|{string.Concat(Header.Select(_ => "---|"))}").Prepend(Line(Header)));

    private static string Line(string[] cells) => $"| {string.Join(" | ", cells)} |";
}
