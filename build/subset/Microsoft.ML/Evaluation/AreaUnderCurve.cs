using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Areas under the curves that a classifier's threshold draws as it sinks from the highest score to the lowest.</summary>
internal static class AreaUnderCurve
{
    /// <summary>The share of pairs of a positive and a negative row whose positive has the higher score; a tie is half a pair.</summary>
    internal static double Roc(List<float> positives, List<float> negatives)
    {
        Contracts.CheckParam(positives.Count > 0, "PosSample", "AUC is not defined when there is no positive class in the data");
        Contracts.CheckParam(negatives.Count > 0, "NegSample", "AUC is not defined when there is no negative class in the data");
        var upper = positives.ToArray();
        Array.Sort(upper);
        var lower = negatives.ToArray();
        Array.Sort(lower);
        var pairs = 0.0;
        var below = 0;
        var notAbove = 0;
        foreach (var score in upper)
        {
            while (below < lower.Length && lower[below] < score) below++;
            while (notAbove < lower.Length && lower[notAbove] <= score) notAbove++;
            pairs += 0.5 * ((double)below + notAbove);
        }
        return pairs / ((double)upper.Length * lower.Length);
    }

    /// <summary>
    /// The area below precision over recall, by trapezoids: one a row, also among rows with equal scores, which keep their order.
    /// </summary>
    internal static double PrecisionRecall(IReadOnlyList<(float Score, bool IsPositive)> rows)
    {
        var positives = rows.Count(row => row.IsPositive);
        var area = 0.0;
        var precision = 1.0;
        var recall = 0.0;
        var truePositives = 0;
        var predicted = 0;
        foreach (var (_, isPositive) in rows.OrderByDescending(row => row.Score))
        {
            predicted++;
            if (isPositive) truePositives++;
            var nextPrecision = (double)truePositives / predicted;
            if (isPositive)
            {
                var nextRecall = (double)truePositives / positives;
                area += (nextRecall - recall) * (precision + nextPrecision) / 2;
                recall = nextRecall;
            }
            precision = nextPrecision;
        }
        return area;
    }
}
