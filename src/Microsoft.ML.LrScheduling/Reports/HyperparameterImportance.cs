namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// Estimates how much each hyperparameter contributes to the differences between the scores of trials. The method is the permutation
/// importance of a random forest, measured on the trials that a tree was not trained on. The forest learns ranks, so that a few very bad
/// trials do not outweigh all others. Source: Breiman, "Random forests", 2001.
/// </summary>
/// <remarks>
/// It is implemented here because it is small. The FastTree package of ML.NET would be an additional dependency for every user.
/// </remarks>
internal static class HyperparameterImportance
{
    private const int Trees = 64;
    private const int MostRows = 500;
    private const int LeastTrials = 10;

    /// <summary>Computes the share of each hyperparameter.</summary>
    /// <param name="factors">
    /// The values of each hyperparameter by trial, as numbers. NaN means that the trial does not have the hyperparameter.
    /// </param>
    /// <param name="isCategory">Whether the numbers of a hyperparameter represent categories.</param>
    /// <param name="ranks">The rank of each trial.</param>
    /// <returns>
    /// The share of each hyperparameter, with the sum 1, or all 0; and R² of the forest on the trials that its trees were not trained on.
    /// Null if there are fewer than ten trials or no hyperparameters, or if all ranks are equal.
    /// </returns>
    public static (double[] Shares, double Explained)? Find(double[][] factors, bool[] isCategory, double[] ranks)
    {
        if (ranks.Length < LeastTrials || factors.Length == 0) return null;
        var mean = ranks.Average();
        var variance = ranks.Average(rank => (rank - mean) * (rank - mean));
        if (variance == 0) return null;
        var random = new Random(1);
        var (sums, counts) = (new double[ranks.Length], new int[ranks.Length]);
        var increases = new double[factors.Length];
        for (var i = 0; i < Trees; i++)
        {
            int[] bag = [.. Enumerable.Range(0, Math.Min(ranks.Length, MostRows)).Select(_ => random.Next(ranks.Length))];
            var tree = new RegressionTree(factors, isCategory, ranks, bag, random);
            int[] others = [.. Enumerable.Range(0, ranks.Length).Except(bag)];
            if (others.Length == 0) continue;
            var error = 0.0;
            foreach (var trial in others)
            {
                var predicted = tree.Predict(factor => factors[factor][trial]);
                (sums[trial], counts[trial]) = (sums[trial] + predicted, counts[trial] + 1);
                error += Square(predicted - ranks[trial]);
            }

            for (var shuffled = 0; shuffled < factors.Length; shuffled++)
            {
                int[] from = [.. others];
                random.Shuffle(from);
                var worse = others.Select((trial, j) => Square(
                    tree.Predict(factor => factors[factor][factor == shuffled ? from[j] : trial]) - ranks[trial])).Sum();
                increases[shuffled] += (worse - error) / others.Length;
            }
        }

        double[] shares = [.. increases.Select(increase => Math.Max(0, increase))];
        var total = shares.Sum();
        int[] seen = [.. Enumerable.Range(0, ranks.Length).Where(trial => counts[trial] > 0)];
        var explained = 1 - seen.Average(trial => Square(sums[trial] / counts[trial] - ranks[trial])) / variance;
        return ([.. shares.Select(share => total > 0 ? share / total : 0)], explained);
    }

    private static double Square(double value) => value * value;
}
