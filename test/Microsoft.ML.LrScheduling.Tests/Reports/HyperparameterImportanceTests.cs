using Microsoft.ML.LrScheduling.Reports;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>Importance of hyperparameters whose part in the scores is known.</summary>
[TestClass]
public sealed class HyperparameterImportanceTests
{
    [TestMethod]
    public void What_decides_the_ranks_is_important_and_noise_is_not()
    {
        var random = new Random(3);
        var (a, b, noise) = (Numbers(random), Numbers(random), Numbers(random));
        // The variance of 3a is nine times that of b: 90 %.
        double[] ranks = Ranks([.. a.Select((value, i) => 3 * value + b[i])]);
        var (shares, explained) = HyperparameterImportance.Find([a, noise, b], [false, false, false], ranks)!.Value;
        Assert.AreEqual(0.9, shares[0], 0.07);
        Assert.AreEqual(0.1, shares[2], 0.07);
        Assert.IsLessThan(0.02, shares[1]);
        Assert.AreEqual(1, shares.Sum(), 1e-12);
        Assert.IsGreaterThan(0.8, explained);
    }

    [TestMethod]
    public void Words_and_values_that_some_trials_lack_count_too()
    {
        var random = new Random(4);
        double[] words = [.. Enumerable.Range(0, 200).Select(_ => (double)random.Next(5))];
        // The order of words is not that of their numbers; one of them has a value of its own, which the others lack.
        double[] own = [.. words.Select(word => word == 2 ? random.NextDouble() : double.NaN)];
        double[] best = [4, 0, 3, 1, 2];
        double[] ranks = Ranks([.. words.Select((word, i) => best[(int)word] + (double.IsNaN(own[i]) ? 0 : 4 * own[i]) + 1e-6 * i)]);
        var (shares, explained) = HyperparameterImportance.Find([words, own, Numbers(random)], [true, false, false], ranks)!.Value;
        Assert.IsGreaterThan(0.5, shares[0]);
        Assert.IsGreaterThan(0.05, shares[1]);
        Assert.IsLessThan(0.03, shares[2]);
        Assert.IsGreaterThan(0.8, explained);
    }

    [TestMethod]
    public void Nothing_is_said_of_few_trials_or_equal_ones_and_noise_explains_nothing()
    {
        var random = new Random(5);
        Assert.IsNull(HyperparameterImportance.Find([[1, 2, 3, 4, 5, 6, 7, 8, 9]], [false], [1, 2, 3, 4, 5, 6, 7, 8, 9]));
        Assert.IsNull(HyperparameterImportance.Find([Numbers(random)], [false], [.. Enumerable.Repeat(1.0, 200)]));
        Assert.IsNull(HyperparameterImportance.Find([], [], Ranks(Numbers(random))));
        Assert.IsLessThan(0.1, HyperparameterImportance.Find([Numbers(random), Numbers(random)], [false, false], Ranks(Numbers(random)))!
            .Value.Explained);
    }

    private static double[] Numbers(Random random) => [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble())];

    private static double[] Ranks(double[] scores)
    {
        var sorted = scores.Order().ToArray();
        return [.. scores.Select(score => 1.0 + Array.BinarySearch(sorted, score))];
    }
}
