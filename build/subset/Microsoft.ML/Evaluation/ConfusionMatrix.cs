using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How many rows of each class, a row of the matrix, were taken for each class, a column.</summary>
public sealed class ConfusionMatrix
{
    private readonly bool _isBinary;

    internal ConfusionMatrix(double[][] counts, string[] classNames, bool isBinary)
    {
        var recall = new double[counts.Length];
        var precision = new double[counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            recall[i] = Share(counts[i][i], counts[i].Sum());
            precision[i] = Share(counts[i][i], counts.Sum(row => row[i]));
        }
        Counts = [.. counts.Select(Array.AsReadOnly)];
        PerClassRecall = recall;
        PerClassPrecision = precision;
        ClassNames = classNames;
        _isBinary = isBinary;
    }

    public IReadOnlyList<double> PerClassPrecision { get; }
    public IReadOnlyList<double> PerClassRecall { get; }
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }
    public int NumberOfClasses => Counts.Count;
    internal IReadOnlyList<string> ClassNames { get; }

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        CheckIndex(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        CheckIndex(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    public string GetFormattedConfusionTable() => ConfusionTable.Format(this, _isBinary);

    private void CheckIndex(int index, string name) =>
        Contracts.CheckParam(index >= 0 && index < NumberOfClasses, name,
            "Invalid index. Should be non-negative, less than the number of classes.");

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;
}
