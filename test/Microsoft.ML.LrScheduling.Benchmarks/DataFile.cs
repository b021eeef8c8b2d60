using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>A data set of an R package as its <c>write.csv</c> writes it: row names come first.</summary>
/// <param name="Name">The name of the file, without its extension.</param>
/// <param name="Label">The column to predict.</param>
/// <param name="Task">What is to be learned.</param>
/// <param name="Positive">The label that is true, of a binary task.</param>
internal sealed partial record DataFile(string Name, string Label, DataTask Task, string? Positive = null)
{
    /// <summary>The files that are measured where they are there.</summary>
    public static DataFile[] Known { get; } =
    [
        new("airquality", "Temp", DataTask.Regression),
        new("boston", "medv", DataTask.Regression),
        new("swiss", "Fertility", DataTask.Regression),
        new("pima2", "diabetes", DataTask.Binary, "pos"),
        new("titanic", "survived", DataTask.Binary, "yes"),
        new("iris", "Species", DataTask.Multiclass),
        new("penguins", "species", DataTask.Multiclass),
        new("vehicle", "Class", DataTask.Multiclass),
    ];

    /// <summary>What is measured.</summary>
    public string Measure => Task switch { DataTask.Regression => "R²", DataTask.Binary => "AUC", _ => "accuracy" };

    /// <summary>Where the file is.</summary>
    public string PathIn(string folder) => Path.Combine(folder, $"{Name}.csv");

    /// <summary>Reads the file.</summary>
    public DataRows Read(string folder)
    {
        string[][] lines = [.. File.ReadLines(PathIn(folder)).Select(line => Cell().Matches(line).Select(cell => cell.Value).ToArray())];
        return new DataRows(
            this, PathIn(folder), lines.Length - 1,
            [.. Enumerable.Range(1, lines[0].Length - 1).Select(column => (
                column, Name: lines[0][column].Trim('"'), IsNumber: lines.Skip(1).All(line => IsNumber(line[column]))))]);
    }

    // write.csv quotes what is no number.
    private static bool IsNumber(string cell) => cell == "NA" || double.TryParse(cell, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex("(?<=^|,)(\"[^\"]*\"|[^,]*)")]
    private static partial Regex Cell();
}
