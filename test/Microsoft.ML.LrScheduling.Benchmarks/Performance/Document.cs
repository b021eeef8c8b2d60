using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>A document with tables between markers: <c>&lt;!-- table: name --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
internal static partial class Document
{
    /// <summary>Puts a table into its place.</summary>
    /// <exception cref="InvalidOperationException">The document has no place for it.</exception>
    public static void Write(string path, Table table, string command)
    {
        var text = File.ReadAllText(path);
        var place = Place().Matches(text).FirstOrDefault(match => match.Groups["name"].Value == table.Name)
            ?? throw new InvalidOperationException(
                $"{path} must have a place for the table {table.Name}: <!-- table: {table.Name} --> and <!-- end -->.");
        File.WriteAllText(path, $"{text[..place.Index]}<!-- table: {table.Name} -->\n{command}\n\n{table}\n<!-- end "
            + $"-->{text[(place.Index + place.Length)..]}");
    }

    [GeneratedRegex("<!-- table: (?<name>[a-z-]+) -->.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Place();
}
