using System.Text.Json;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

[TestClass]
public sealed class PlattScalingTests
{
    [TestMethod]
    public void It_has_the_slope_and_the_offset_of_scikit_learn()
    {
        var cases = Enumerable.Range(1, 20).Select(seed => Draw(seed, rows: 40 * seed, scale: seed % 3 + 0.5)).ToArray();
        var (lines, version) = Python.Run("sklearn_platt.py",
            cases.Select(c => JsonSerializer.Serialize(new { scores = c.Scores, labels = c.IsTrue.Select(t => t ? 1 : 0) })));
        if (lines is null) Assert.Inconclusive($"scikit-learn is not there to compare with: {version}.");
        foreach (var ((scores, isTrue), line) in cases.Zip(lines))
        {
            var expected = JsonSerializer.Deserialize<Sigmoid>(line, JsonSerializerOptions.Web)!;
            var (slope, offset) = PlattScaling.Fit(scores, isTrue);
            // Its optimizer stops earlier.
            Assert.AreEqual(expected.Slope, slope, 1e-3 * Math.Abs(slope));
            Assert.AreEqual(expected.Offset, offset, 1e-3 * Math.Max(1, Math.Abs(offset)));
        }
    }

    [TestMethod]
    public void At_its_solution_the_mean_probability_is_that_of_the_targets()
    {
        // The derivative with respect to the offset is zero there.
        var (scores, isTrue) = Draw(5, rows: 1000, scale: 2);
        var (slope, offset) = PlattScaling.Fit(scores, isTrue);
        var positives = isTrue.Count(t => t);
        var targets = positives * ((positives + 1.0) / (positives + 2)) + (1000 - positives) / (1000.0 - positives + 2);
        Assert.AreEqual(targets, scores.Sum(score => 1 / (1 + Math.Exp(slope * score + offset))), 1e-6);
        Assert.IsLessThan(0, slope);
    }

    [TestMethod]
    [DataRow(1, 30, 1e-3, 0)]
    [DataRow(2, 500, 1, 0)]
    [DataRow(3, 500, 40, 5)]
    [DataRow(4, 500, 1e6, 0)]
    [DataRow(5, 500, 1e18, -2)]
    [DataRow(6, 3, 1, 20)]
    [DataRow(7, 2000, 1, 4)]
    public void No_parameters_are_more_likely(int seed, int rows, double scale, double center)
    {
        var random = new Random(seed);
        float[] scores = [.. Enumerable.Range(0, rows).Select(_ => (float)((random.NextDouble() * 4 - 2 + center) * scale))];
        IsMostLikely(scores, [.. scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(center - 1.7 * score / scale)))]);
    }

    [TestMethod]
    [DataRow(40)]
    [DataRow(60)]
    [DataRow(100)]
    public void Where_a_whole_step_of_Newtons_is_too_long_it_is_halved(int rows)
    {
        // A few scores far from the others, and few rows that are true: whole steps go on to infinity.
        float[] scores = [.. Enumerable.Range(0, rows).Select(i => (float)(Math.Sin(i) * (i % 33 == 0 ? 50 : 1)))];
        IsMostLikely(scores, [.. Enumerable.Range(0, rows).Select(i => i * 37 % 53 < 3)]);
        // A score so far away that the exponential of its probability overflows.
        scores[1] = 3000;
        IsMostLikely(scores, [.. Enumerable.Range(0, rows).Select(i => i % 3 == 1)]);
    }

    private static void IsMostLikely(float[] scores, bool[] isTrue)
    {
        var (slope, offset) = PlattScaling.Fit(scores, isTrue);
        var positives = isTrue.Count(label => label);
        // Lin, Lin and Weng: minus the logarithm of the likelihood is convex, so that its derivatives are zero at the optimum alone.
        var (ofSlope, ofOffset) = (0.0, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            var target = isTrue[i] ? (positives + 1.0) / (positives + 2) : 1.0 / (scores.Length - positives + 2);
            var difference = target - 1 / (1 + Math.Exp(slope * scores[i] + offset));
            (ofSlope, ofOffset) = (ofSlope + difference * scores[i], ofOffset + difference);
        }

        Assert.AreEqual(0, ofSlope / Math.Max(1, scores.Max(Math.Abs)), 1e-5, $"{slope}, {offset}");
        Assert.AreEqual(0, ofOffset, 1e-5, $"{slope}, {offset}");
    }

    [TestMethod]
    public void Scores_that_separate_or_are_equal_or_huge_give_finite_parameters()
    {
        foreach (var scores in new float[][] { [-2, -1, 1, 2], [1, 1, 1, 1], [-1e30f, -1e29f, 1e29f, 1e30f], [0, 0, 0, 0] })
        {
            var (slope, offset) = PlattScaling.Fit(scores, [false, false, true, true]);
            Assert.IsTrue(double.IsFinite(slope) && double.IsFinite(offset), string.Join(" ", scores));
        }

        var (_, oneClass) = PlattScaling.Fit([1, 2, 3], [true, true, true]);
        Assert.IsTrue(double.IsFinite(oneClass));
    }

    private static (float[] Scores, bool[] IsTrue) Draw(int seed, int rows, double scale)
    {
        var random = new Random(seed);
        var scores = Enumerable.Range(0, rows).Select(_ => (float)((random.NextDouble() * 4 - 2) * scale)).ToArray();
        return (scores, [.. scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-2 * score / scale + 0.3)))]);
    }

    private sealed record Sigmoid(double Slope, double Offset);
}
