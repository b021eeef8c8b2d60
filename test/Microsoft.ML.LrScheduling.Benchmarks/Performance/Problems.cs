using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>Rows to train on, made up: features in [−1, 1], labels that follow from them.</summary>
internal static class Problems
{
    private const int Seed = 1;

    /// <summary>Rows that have all their features.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="features">The features of each.</param>
    /// <param name="classes">0 for a number as the label; else the number of classes.</param>
    public static TrainingSet Dense(int rows, int features, int classes = 0)
    {
        var builder = new TrainingSetBuilder(features, hasWeights: false);
        var random = new Random(Seed);
        var row = new float[features];
        for (var i = 0; i < rows; i++)
        {
            var sum = 0f;
            for (var j = 0; j < features; j++)
            {
                row[j] = 2 * random.NextSingle() - 1;
                sum += j % 2 == 0 ? row[j] : -row[j];
            }

            builder.Add(row, [], Label(sum / MathF.Sqrt(features), classes), 1);
        }

        return builder.Build("training");
    }

    /// <summary>Rows of which most features are zero.</summary>
    public static TrainingSet Sparse(int rows, int features, int entries)
    {
        var builder = new TrainingSetBuilder(features, hasWeights: false);
        var random = new Random(Seed);
        var (values, indices) = (new float[entries], new int[entries]);
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < entries; j++)
            {
                // Ascending and without repetition: each from a part of the features that is its own.
                indices[j] = (int)(((long)j * features + random.Next(features)) / entries);
                values[j] = 2 * random.NextSingle() - 1;
            }

            builder.Add(values, indices, values[0], 1);
        }

        return builder.Build("training");
    }

    /// <summary>How many rows make a set much larger than the caches, up to a million.</summary>
    public static int RowsFor(int features) => Math.Min(1_000_000, 40_000_000 / features);

    /// <summary>What an engine is to train.</summary>
    public static LinearProblem Problem(
        TrainingSet rows, int batchSize, int windowRows, Loss? loss = null, Optimizer? optimizer = null, int models = 1,
        int classes = 10) => new(
        rows, [.. Enumerable.Repeat(new ModelSettings(optimizer ?? Optimizer.Sgd()), models)], loss is CrossEntropyLoss ? classes : 1,
        loss ?? new SquaredLoss(), batchSize, windowRows);

    private static float Label(float score, int classes) =>
        classes == 0 ? score : Math.Clamp((int)((score + 1) / 2 * classes), 0, classes - 1);
}
