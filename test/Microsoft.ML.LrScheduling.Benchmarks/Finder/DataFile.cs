using System.Globalization;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.LrScheduling.Benchmarks.Finder;

/// <summary>
/// A public data set as <c>write.csv</c> of R has it: names in the first line, row names in the first column, NA for what is missing.
/// </summary>
/// <param name="Name">The name of the file, without .csv.</param>
/// <param name="Label">The column to predict.</param>
/// <param name="Score">What models are compared by, which says what the task is.</param>
/// <param name="Positive">Of a binary classification the text of the label that is true; else null.</param>
internal sealed record DataFile(string Name, string Label, Metric Score, string? Positive = null)
{
    /// <summary>The part of the rows that is held out.</summary>
    public const double TestFraction = 0.25;

    public static readonly DataFile[] All =
    [
        new("airquality", "Temp", Metric.RSquared),
        new("boston", "medv", Metric.RSquared),
        new("swiss", "Fertility", Metric.RSquared),
        new("pima2", "diabetes", Metric.AreaUnderRocCurve, "pos"),
        new("titanic", "survived", Metric.AreaUnderRocCurve, "yes"),
        new("iris", "Species", Metric.MicroAccuracy),
        new("penguins", "species", Metric.MicroAccuracy),
        new("vehicle", "Class", Metric.MicroAccuracy),
    ];

    /// <summary>The rows of the file.</summary>
    /// <param name="folder">Where the file is.</param>
    public int RowCount(string folder) => File.ReadLines(Path.Combine(folder, $"{Name}.csv")).Count() - 1;

    /// <summary>Training and test rows with the columns Label and Features: numbers as they are, texts one-hot.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="folder">Where the file is.</param>
    /// <param name="seeds">A split each.</param>
    public IEnumerable<(IDataView Train, IDataView Test)> Splits(MLContext mlContext, string folder, int[] seeds)
    {
        var (rows, numbers, texts) = Load(mlContext, Path.Combine(folder, $"{Name}.csv"));
        var conversion = mlContext.Transforms.Conversion;
        IEstimator<ITransformer> label = Score switch
        {
            Metric.RSquared => mlContext.Transforms.CopyColumns("Label", Label),
            Metric.AreaUnderRocCurve => conversion.MapValue("Label", new Dictionary<string, bool> { [Positive!] = true }, Label),
            _ => conversion.MapValueToKey("Label", Label),
        };
        IEstimator<ITransformer> pipeline = label
            .Append(mlContext.Transforms.Concatenate("Numbers", numbers))
            .Append(mlContext.Transforms.ReplaceMissingValues(
                "Numbers", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean));
        if (texts.Length == 0) pipeline = pipeline.Append(mlContext.Transforms.CopyColumns("Features", "Numbers"));
        else
            pipeline = pipeline
                .Append(mlContext.Transforms.Categorical.OneHotEncoding([.. texts.Select(text => new InputOutputColumnPair(text))]))
                .Append(mlContext.Transforms.Concatenate("Features", [.. texts, "Numbers"]));
        foreach (var seed in seeds)
        {
            var split = mlContext.Data.TrainTestSplit(rows, TestFraction, seed: seed);
            var fitted = pipeline.Fit(split.TrainSet);
            yield return (fitted.Transform(split.TrainSet), fitted.Transform(split.TestSet));
        }
    }

    private (IDataView Rows, string[] Numbers, string[] Texts) Load(MLContext mlContext, string path)
    {
        var lines = File.ReadAllLines(path);
        var (names, cells) = (Cells(lines[0]), lines.Skip(1).Select(Cells).ToArray());
        var columns = new List<TextLoader.Column>();
        var (numbers, texts) = (new List<string>(), new List<string>());
        for (var i = 1; i < names.Length; i++)
        {
            if (names[i] == Label)
            {
                columns.Add(new(Label, Score == Metric.RSquared ? DataKind.Single : DataKind.String, i));
                continue;
            }

            // A number in quotes is the name of a level.
            var isNumber = cells.All(row => row[i] == "NA" || float.TryParse(row[i], CultureInfo.InvariantCulture, out _))
                && cells.Any(row => row[i] != "NA" && (row[i].Length > 1 || !lines[1].Contains($"\"{row[i]}\"", StringComparison.Ordinal)));
            columns.Add(new(names[i], isNumber ? DataKind.Single : DataKind.String, i));
            (isNumber ? numbers : texts).Add(names[i]);
        }

        var options = new TextLoader.Options { Columns = [.. columns], HasHeader = true, Separators = [','], AllowQuoting = true };
        return (mlContext.Data.LoadFromTextFile(path, options), [.. numbers], [.. texts]);
    }

    private static string[] Cells(string line)
    {
        var (cells, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        foreach (var character in line)
        {
            if (character == '"') isQuoted = !isQuoted;
            else if (character != ',' || isQuoted) cell.Append(character);
            else
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
        }

        return [.. cells, cell.ToString()];
    }
}
