using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>The rows of a file.</summary>
/// <param name="File">What is known of it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Columns">Its columns, with their places, but for the row names.</param>
internal sealed record DataRows(DataFile File, string Path, int RowCount, (int Place, string Name, bool IsNumber)[] Columns)
{
    /// <summary>Splits the rows; numbers that are missing become the mean of the training rows, text becomes one-hot.</summary>
    /// <param name="testFraction">The part that is held out.</param>
    /// <param name="seed">Of the choice of rows.</param>
    /// <param name="centres">Whether numbers are brought to a mean of 0 and a deviation of 1.</param>
    public SplitRows Split(double testFraction, int seed, bool centres)
    {
        var mlContext = new MLContext(seed);
        var split = mlContext.Data.TrainTestSplit(
            mlContext.Data.LoadFromTextFile(Path, new TextLoader.Options
            {
                Columns =
                [
                    .. Columns.Select(column => new TextLoader.Column(
                        column.Name, column.IsNumber ? DataKind.Single : DataKind.String, column.Place)),
                ],
                Separators = [','],
                HasHeader = true,
                AllowQuoting = true,
            }),
            testFraction, seed: seed);
        var pipeline = Prepare(mlContext, centres).Fit(split.TrainSet);
        return new SplitRows(mlContext, File.Task, Kept(split.TrainSet), Kept(split.TestSet));

        // In memory: a trainer is measured, and not the reading of a file.
        IDataView Kept(IDataView rows)
        {
            var cached = mlContext.Data.Cache(pipeline.Transform(rows), "Features", "Label");
            foreach (var column in cached.Schema.Where(column => column.Name is "Features" or "Label"))
            {
                using var cursor = cached.GetRowCursor([column]);
                while (cursor.MoveNext())
                {
                }
            }

            return cached;
        }
    }

    private EstimatorChain<ColumnConcatenatingTransformer> Prepare(MLContext mlContext, bool centres)
    {
        string[] numbers = [.. Columns.Where(column => column.IsNumber && column.Name != File.Label).Select(column => column.Name)];
        string[] texts = [.. Columns.Where(column => !column.IsNumber && column.Name != File.Label).Select(column => column.Name)];
        var parts = texts.ToList();
        IEstimator<ITransformer> pipeline = File.Task switch
        {
            DataTask.Regression => mlContext.Transforms.CopyColumns("Label", File.Label),
            DataTask.Binary => mlContext.Transforms.Conversion.MapValue(
                "Label", new Dictionary<string, bool> { [File.Positive!] = true }, File.Label),
            _ => mlContext.Transforms.Conversion.MapValueToKey("Label", File.Label),
        };
        if (texts.Length > 0)
            pipeline = pipeline.Append(
                mlContext.Transforms.Categorical.OneHotEncoding([.. texts.Select(text => new InputOutputColumnPair(text))]));
        if (numbers.Length > 0)
        {
            pipeline = pipeline.Append(mlContext.Transforms.Concatenate("Numbers", numbers))
                .Append(mlContext.Transforms.ReplaceMissingValues(
                    "Numbers", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean));
            // By default NormalizeMeanVariance does not centre.
            if (centres) pipeline = pipeline.Append(mlContext.Transforms.NormalizeMeanVariance("Numbers", fixZero: false));
            parts.Add("Numbers");
        }

        return pipeline.Append(mlContext.Transforms.Concatenate("Features", [.. parts]));
    }
}
