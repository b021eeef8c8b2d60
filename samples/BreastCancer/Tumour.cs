using Microsoft.ML.Data;

namespace BreastCancer;

/// <summary>A line of breast_cancer.csv: measures of the nuclei of cells in an image of a fine-needle aspirate.</summary>
internal sealed class Tumour
{
    private static readonly string[] Kinds = ["mean", "error of", "worst"];
    private static readonly string[] Measures =
    [
        "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
        "fractal dimension",
    ];

    /// <summary>Of each measure the mean, its standard error, and the mean of the three largest.</summary>
    public static IEnumerable<string> FeatureNames =>
        Kinds.SelectMany(kind => Measures.Select(measure => $"{kind} {measure}"));

    [LoadColumn(0, 29)]
    [VectorType(30)]
    public float[] Features { get; set; } = [];

    /// <summary>Whether the tumour is benign.</summary>
    [LoadColumn(30)]
    public bool Label { get; set; }
}
