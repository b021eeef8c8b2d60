using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>
/// The score test against one in double precision whose slopes are written down for each loss. Rows have a signal of some strength: both
/// must find it from the same strength on, to a thousandth.
/// </summary>
[TestClass]
public sealed class SlopeTestTests
{
    private delegate Rows Drawn(double strength);

    [TestMethod]
    public void A_signal_in_a_squared_loss_is_found_from_the_strength_of_the_definition_on()
    {
        foreach (var scaled in new[] { true, false })
        {
            // Features that go together, a small one that does not, and two that only rounding could make vary. Labels have a mean of
            // nearly 0, so that the bias is no signal.
            var features = Features(200, 5, together: 0.8, seed: 1);
            foreach (var row in features) (row[0], row[1], row[3]) = (row[0] * 997 % 1 / 1e6f, 1234567.9f, 0.1f);
            HoldsAtItsBorder(strength => Regression(features, (x, noise) => strength * (x[2] - 2) + noise, scaled));
            // More features than rows: the squares of their correlations are no less than their number squared by that of the rows.
            var wide = Features(20, 60, together: 0.3, seed: 2);
            HoldsAtItsBorder(strength => Regression(wide, (x, noise) => strength * (x.Average() - 29.5) + noise, scaled));
            // Nor are they less where rows of one half say next to nothing of those of the other.
            var single = Features(150, 1, together: 0, seed: 3);
            foreach (var row in single[75..]) row[0] /= 10;
            HoldsAtItsBorder(strength => Regression(single, (x, noise) => strength * x[0] + noise, scaled));
        }
    }

    [TestMethod]
    public void Sparse_rows_are_tested_as_dense_ones_are()
    {
        var random = new Random(4);
        // Most rows have only a few of the features, and features have a mean of their own.
        var features = Enumerable.Range(0, 240).Select(_ => Enumerable.Range(0, 130)
            .Select(j => random.Next(10) == 0 || j % 40 == 0 ? (float)(random.NextDouble() + j % 3) : 0).ToArray()).ToArray();
        Assert.IsTrue(Regression(features, (_, noise) => noise, scaled: true).Build().IsSparse);
        HoldsAtItsBorder(strength => Regression(features, (x, noise) => strength * (x[0] + x[40] - x[80]) + noise, scaled: true));
    }

    [TestMethod]
    [DataRow(10_000)]
    [DataRow(10_001)]
    [DataRow(20_001)]
    public void At_most_ten_thousand_rows_are_tested_evenly_spread(int count)
    {
        // Rows at both ends, and the one in the middle, tell more than all others.
        var features = Features(count, 2, together: 0.9, seed: 5);
        foreach (var row in new[] { 0, count / 2, count - 1 }) features[row] = [60 + row % 7, 50];
        HoldsAtItsBorder(strength => Regression(features, (x, noise) => strength * x[0] + noise, scaled: true));
    }

    [TestMethod]
    public void A_bias_is_a_signal_where_it_does_not_begin_at_its_best()
    {
        var features = Features(100, 3, together: 0, seed: 6);
        HoldsAtItsBorder(strength => Regression(features, (_, noise) => noise + strength, scaled: false));
        var scaled = Regression(features, (_, noise) => noise + 100, scaled: true);
        Assert.IsFalse(scaled.FindsSignal(), "where it begins there, it is none");
        // One of four classes has other than its share of the rows.
        Rows Classes(double strength, int other) =>
            Multiclass(features, (_, draw) => draw % 4, (_, k) => k == other ? 1 + strength : 1, scaled: false);
        for (var k = 0; k < 4; k++)
        {
            var other = k;
            HoldsAtItsBorder(strength => Classes(strength, other));
        }
    }

    [TestMethod]
    public void A_signal_in_the_weights_of_classes_is_found_from_the_strength_of_the_definition_on()
    {
        var features = Features(160, 3, together: 0.5, seed: 7);
        foreach (var scaled in new[] { true, false })
        {
            // Rows whose class and second feature agree weigh more.
            HoldsAtItsBorder(strength => Binary(features, (x, label) => x[1] > 1 == label > 0 ? 1 + strength : 1, scaled));
            HoldsAtItsBorder(strength => Multiclass(
                features, (_, draw) => draw % 3, (x, k) => x[1] > 1 == k > 0 ? 1 + strength : 1, scaled));
        }

        // Of the last class there are no rows, of which it has half a one where training begins.
        HoldsAtItsBorder(strength => Multiclass(
            features, (_, draw) => draw % 3, (x, k) => x[1] > 1 == k > 0 ? 1 + strength : 1, scaled: true, classes: 4));
        // Without weights its slope is the same in all rows.
        static int Class(float[] x) => (int)(x[0] * 1e6) & 1;
        HoldsAtItsBorder(strength => Multiclass(
            [.. features.Select(x => new[] { x[0], x[1] + (float)strength * Class(x), x[2] })], (x, _) => Class(x), weight: null,
            scaled: true, classes: 4));
    }

    private static void HoldsAtItsBorder(Drawn rows)
    {
        var (none, some) = (0.0, 8.0);
        Assert.IsFalse(rows(none).HasSignal());
        Assert.IsTrue(rows(some).HasSignal());
        while (some - none > 1e-4 * some)
        {
            var middle = (none + some) / 2;
            if (rows(middle).HasSignal()) some = middle;
            else none = middle;
        }

        Assert.IsFalse(rows(none * 0.999).FindsSignal(), $"{none}");
        Assert.IsTrue(rows(some * 1.001).FindsSignal(), $"{some}");
    }

    private static float[][] Features(int count, int width, double together, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var common = random.NextDouble() - 0.5;
            return Enumerable.Range(0, width)
                .Select(j => (float)(j + together * common + (1 - together) * (random.NextDouble() - 0.5))).ToArray();
        })];
    }

    private static Rows Regression(float[][] features, Func<float[], double, double> label, bool scaled)
    {
        var random = new Random(8);
        float[] labels = [.. features.Select(x => (float)label(x, random.NextDouble() - 0.5))];
        // The slope is 2 · (score − label). Its factor does not count.
        var start = scaled ? labels.Average(y => (double)y) : 0;
        return new Rows(features, labels, [], scaled, 1, RegressionLoss.Squared(), [.. labels.Select(y => new[] { start - y })]);
    }

    private static Rows Binary(float[][] features, Func<float[], float, double> weight, bool scaled)
    {
        var random = new Random(9);
        float[] labels = [.. features.Select(_ => (float)random.Next(2))];
        float[] weights = [.. features.Zip(labels, (x, y) => (float)weight(x, y))];
        // The slope is p − y, and p where training begins the share of true rows, or a half.
        var p = scaled ? labels.Zip(weights, (y, w) => (double)y * w).Sum() / weights.Sum(w => (double)w) : 0.5;
        return new Rows(features, labels, weights, scaled, 1, BinaryLoss.Logistic(),
            [.. labels.Zip(weights, (y, w) => new[] { w * (p - y) })]);
    }

    private static Rows Multiclass(
        float[][] features, Func<float[], int, int> label, Func<float[], int, double>? weight, bool scaled, int classes = 0)
    {
        var random = new Random(10);
        float[] labels = [.. features.Select(x => (float)label(x, random.Next(12)))];
        float[] weights = weight is null ? [] : [.. features.Zip(labels, (x, k) => (float)weight(x, (int)k))];
        double Weight(int row) => weight is null ? 1 : weights[row];
        classes = Math.Max(classes, (int)labels.Max() + 1);
        var all = Enumerable.Range(0, labels.Length).ToArray();
        // The slopes are p − 1 of the row's class and p of the others.
        double[] shares = [.. Enumerable.Range(0, classes).Select(k => scaled
            ? Math.Max(all.Sum(i => labels[i] == k ? Weight(i) : 0) / all.Sum(Weight), 0.5 / labels.Length) : 1)];
        return new Rows(features, labels, weights, scaled, classes, MulticlassLoss.CrossEntropy(),
            [.. all.Select(i => shares.Select((share, k) => Weight(i) * (share / shares.Sum() - (labels[i] == k ? 1 : 0))).ToArray())]);
    }

    /// <param name="Slopes">The slope of each row by each score, times any factor.</param>
    private sealed record Rows(
        float[][] Features, float[] Labels, float[] Weights, bool IsScaled, int Outputs, Loss Loss, double[][] Slopes)
    {
        public TrainingSet Build()
        {
            var builder = new TrainingSetBuilder(Features[0].Length, Weights.Length > 0, standardizes: IsScaled);
            for (var i = 0; i < Features.Length; i++)
            {
                int[] indices = [.. Enumerable.Range(0, Features[i].Length).Where(j => Features[i][j] != 0)];
                if (indices.Length == Features[i].Length) indices = [];
                float[] values = indices.Length == 0 ? Features[i] : [.. indices.Select(j => Features[i][j])];
                builder.Add(values, indices, Labels[i], Weights.Length > 0 ? Weights[i] : 1);
            }

            return builder.Build("training");
        }

        public bool FindsSignal()
        {
            var task = new LinearTask(Outputs, Loss, null!, _ => { }, label => $"{label}");
            using var rows = new TrainerRows(task, Build(), Validation: null, RowStore.Unlimited(), null!);
            return SlopeTest.FindsSignal(rows);
        }

        /// <summary>The definition in the comments of <see cref="SlopeTest"/>, with a matrix of standardised features.</summary>
        public bool HasSignal()
        {
            var step = (int)Math.Ceiling(Features.Length / 10_000.0);
            int[] sample = [.. Enumerable.Range(0, Features.Length).Where(i => i % step == 0)];
            var n = sample.Length;
            double[][] x = [.. sample.Select(i => Features[i].Select(v => (double)v).ToArray())];
            double[][] s = [.. sample.Select(i => Slopes[i].ToArray())];
            var features = Standardize(x);
            var means = Enumerable.Range(0, Outputs).Select(k => s.Average(row => row[k])).ToArray();
            var deviations = Enumerable.Range(0, Outputs)
                .Select(k => Math.Sqrt(s.Average(row => (row[k] - means[k]) * (row[k] - means[k])))).ToArray();
            // Four standard errors from zero.
            if (!IsScaled && means.Zip(deviations, (mean, deviation) => Math.Abs(mean) > 4 * deviation / Math.Sqrt(n)).Any(far => far))
                return true;
            var outputs = Standardize(s);
            var statistic = outputs.Sum(k => features.Sum(j => Math.Pow(Enumerable.Range(0, n).Sum(i => s[i][k] * x[i][j]), 2) / n));
            double Correlation(int a, int b) => Enumerable.Range(0, n).Average(i => s[i][a] * s[i][b]);
            var ofSlopes = outputs.Sum(a => outputs.Sum(b => Math.Pow(Correlation(a, b), 2)));
            var ofPairs = Enumerable.Range(0, n / 2)
                .Average(i => Math.Pow(features.Sum(j => x[i][j] * x[i + n / 2][j]), 2));
            var least = Math.Pow(features.Length, 2) / Math.Min(features.Length, n - 1);
            return statistic > features.Length * outputs.Length + 4 * Math.Sqrt(2 * Math.Max(ofPairs, least) * ofSlopes);
        }

        /// <summary>Gives columns a mean of 0 and a variance of 1, and returns those that vary.</summary>
        private static int[] Standardize(double[][] rows)
        {
            var varying = new List<int>();
            for (var j = 0; j < rows[0].Length; j++)
            {
                var mean = rows.Average(row => row[j]);
                var deviation = Math.Sqrt(rows.Average(row => (row[j] - mean) * (row[j] - mean)));
                foreach (var row in rows) row[j] = deviation > 1e-9 * Math.Abs(mean) ? (row[j] - mean) / deviation : 0;
                if (deviation > 1e-9 * Math.Abs(mean)) varying.Add(j);
            }

            return [.. varying];
        }
    }
}
