using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.LrScheduling.Benchmarks.WhichSchedule;

/// <summary>A file of samples/data, and the features that a program would make of it.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="Task">What is to be learned.</param>
/// <param name="Columns">The columns that are read.</param>
/// <param name="Features">What makes the columns Features and Label of them.</param>
/// <param name="HasHeader">Whether the first line is none of the rows.</param>
internal sealed record SampleFile(
    string Name, DataTask Task, TextLoader.Column[] Columns, Func<MLContext, IEstimator<ITransformer>> Features, bool HasHeader = true)
{
    private const string Folder = "samples/data";

    /// <summary>All of them.</summary>
    public static SampleFile[] All { get; } =
    [
        new(
            "diamonds.csv", DataTask.Regression,
            [
                new("Carat", DataKind.Single, 0), new("Cut", DataKind.String, 1), new("Color", DataKind.String, 2),
                new("Clarity", DataKind.String, 3), new("Sizes", DataKind.Single, [new(4, 5), new(7, 9)]),
                new("Label", DataKind.Single, 6),
            ],
            mlContext => mlContext.Transforms.Categorical.OneHotEncoding([new("Cut"), new("Color"), new("Clarity")])
                .Append(mlContext.Transforms.Concatenate("Features", "Carat", "Sizes", "Cut", "Color", "Clarity"))),
        new(
            "breast_cancer.csv", DataTask.Binary, [new("Features", DataKind.Single, 0, 29), new("Label", DataKind.Boolean, 30)],
            mlContext => mlContext.Transforms.CopyColumns("Label", "Label")),
        new(
            "spam.tsv", DataTask.Binary,
            [new("Label", DataKind.Boolean, 0), new("Subject", DataKind.String, 1), new("Body", DataKind.String, 2)],
            mlContext => mlContext.Transforms.Text.FeaturizeText(
                "Features",
                new TextFeaturizingEstimator.Options
                {
                    WordFeatureExtractor = new WordBagEstimator.Options { NgramLength = 1 },
                    CharFeatureExtractor = null,
                },
                "Subject", "Body"),
            HasHeader: false),
        new(
            "penguins.csv", DataTask.Multiclass, [new("Species", DataKind.String, 0), new("Features", DataKind.Single, 2, 5)],
            mlContext => mlContext.Transforms.Conversion.MapValueToKey("Label", "Species").Append(mlContext.Transforms.ReplaceMissingValues(
                "Features", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean))),
        new(
            "digits.csv", DataTask.Multiclass, [new("Features", DataKind.Single, 0, 63), new("Digit", DataKind.Single, 64)],
            mlContext => mlContext.Transforms.Conversion.MapValueToKey("Label", "Digit"), HasHeader: false),
    ];

    /// <summary>Splits the rows.</summary>
    /// <param name="testFraction">The part that is held out.</param>
    /// <param name="seed">Of the choice of rows.</param>
    public SplitRows Split(double testFraction, int seed)
    {
        var mlContext = new MLContext(seed);
        var separator = Name.EndsWith(".tsv", StringComparison.Ordinal) ? '\t' : ',';
        var split = mlContext.Data.TrainTestSplit(
            mlContext.Data.LoadFromTextFile(
                Path.Combine(Folder, Name), new TextLoader.Options { Columns = Columns, Separators = [separator], HasHeader = HasHeader }),
            testFraction, seed: seed);
        var features = Features(mlContext).Fit(split.TrainSet);
        return new SplitRows(mlContext, Task, Kept(split.TrainSet), Kept(split.TestSet));

        // In memory, since they are read again and again.
        IDataView Kept(IDataView rows)
        {
            var cached = mlContext.Data.Cache(features.Transform(rows), "Features", "Label");
            using var cursor = cached.GetRowCursor([cached.Schema["Features"], cached.Schema["Label"]]);
            while (cursor.MoveNext())
            {
            }

            return cached;
        }
    }
}
