using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>A program of ML.NET's alone that opens a saved model and predicts: nothing here names a type of this library.</summary>
internal static class ForeignProgram
{
    /// <summary>Prints the scores of <see cref="Rows"/>, a row a line.</summary>
    /// <returns>0; 1 where this library was loaded for it.</returns>
    public static int Score(string path)
    {
        var mlContext = new MLContext(seed: 3);
        foreach (var line in ScoresOf(mlContext.Model.Load(path, out _), mlContext)) Console.WriteLine(line);
        return AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "Microsoft.ML.LrScheduling") ? 1 : 0;
    }

    /// <summary>The scores of <see cref="Rows"/>, a row a line.</summary>
    public static string[] ScoresOf(ITransformer model, MLContext mlContext)
    {
        var scored = model.Transform(mlContext.Data.LoadFromEnumerable(Rows()));
        var scores = scored.Schema["Score"].Type is VectorDataViewType
            ? scored.GetColumn<float[]>("Score")
            : scored.GetColumn<float>("Score").Select(score => new[] { score });
        return [.. scores.Select(row => string.Join(' ', row.Select(score => score.ToString("R", CultureInfo.InvariantCulture))))];
    }

    private static IEnumerable<FeaturesRow> Rows() =>
        Enumerable.Range(0, 20).Select(i => new FeaturesRow { Features = [i / 20f, 1 - i / 10f, i % 3, i % 5 - 2] });

    private sealed class FeaturesRow
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }
}
