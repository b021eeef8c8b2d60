namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>Computes quantiles of weighted numbers.</summary>
internal static class WeightedQuantile
{
    /// <summary>
    /// Returns the smallest number such that it and all smaller numbers have at least a given fraction of the total weight.
    /// </summary>
    /// <param name="numbers">The numbers, at least one.</param>
    /// <param name="weights">One weight per number; empty if each is 1.</param>
    /// <param name="level">The fraction, in (0, 1).</param>
    public static double Of(ReadOnlySpan<float> numbers, ReadOnlySpan<float> weights, double level)
    {
        float[] sorted = [.. numbers];
        if (weights.IsEmpty)
        {
            Array.Sort(sorted);
            return sorted[(int)Math.Min(Math.Ceiling(level * sorted.Length) - 1, sorted.Length - 1)];
        }

        float[] ordered = [.. weights];
        Array.Sort(sorted, ordered);
        double total = 0, sum = 0;
        foreach (var weight in ordered) total += weight;
        for (var i = 0; i < sorted.Length; i++)
            if ((sum += ordered[i]) >= level * total)
                return sorted[i];
        return sorted[^1];
    }
}
