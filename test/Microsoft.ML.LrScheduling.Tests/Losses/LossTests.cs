using System.Reflection;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Tests.Losses;

/// <summary>
/// Losses against their slopes and limits; their values and slopes against PyTorch's are in <c>Engines/TorchEnginePeerTests</c>.
/// </summary>
[TestClass]
public sealed class LossTests
{
    private static readonly ScalarLoss[] ScalarLosses = [.. SampleLosses.All.OfType<ScalarLoss>()];

    private static readonly Gen<double> Number = Gen.Choose(-4000, 4000).Select(n => n / 1000.0 + 0.00037);

    [TestMethod]
    [DataRow(typeof(RegressionLoss))]
    [DataRow(typeof(BinaryLoss))]
    [DataRow(typeof(MulticlassLoss))]
    public void The_samples_have_every_kind(Type task) => CollectionAssert.AreEquivalent(
        task.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(kind => kind.DerivedType).ToArray(),
        SampleLosses.All.Where(task.IsInstanceOfType).Select(loss => loss.GetType()).Distinct().ToArray());

    [TestMethod]
    public void A_slope_is_the_derivative_of_the_value() => Draws.Hold(
        Prop.ForAll(Gen.Zip(Number, Gen.Choose(0, 3).Select(n => (double)n)).ToArbitrary(), draw =>
        {
            var (score, number) = draw;
            foreach (var loss in ScalarLosses)
            {
                var label = loss is BinaryLoss ? number % 2 : number;
                var h = 1e-6;
                var numeric = (loss.At(score + h, label).Value - loss.At(score - h, label).Value) / (2 * h);
                Assert.AreEqual(
                    numeric, loss.At(score, label).Slope, 1e-5 * Math.Max(1, Math.Abs(numeric)), $"{loss} at {score}, label {label}");
                Assert.IsGreaterThanOrEqualTo(loss.Floor((float)label) - 1e-9, loss.At(score, label).Value);
                // That of the score that predicts the label.
                var best = loss is PoissonLoss ? Math.Log(Math.Max(label, 1e-12)) : loss is BinaryLoss ? 1e3 * (2 * label - 1) : label;
                Assert.AreEqual(loss.Floor((float)label), loss.At(best, label).Value, 1e-9, $"{loss}, label {label}");
            }
        }), 500);

    [TestMethod]
    public void The_gradient_of_the_cross_entropy_is_its_derivative_and_sums_to_zero() => Draws.Hold(
        Prop.ForAll(
            (from classes in Gen.Choose(2, 6)
             from scores in Number.ArrayOf(classes)
             from label in Gen.Choose(0, classes - 1)
             from smoothing in Gen.Elements(0, 0.1, 0.5)
             select (scores, label, smoothing)).ToArbitrary(),
            draw =>
            {
                var loss = MulticlassLoss.CrossEntropy(draw.smoothing);
                var gradient = draw.scores.Select(score => (float)score).ToArray();
                var value = loss.ToGradients(gradient, gradient.Length, [draw.label], []);
                Assert.AreEqual(Exact(draw.scores), value, 1e-5);
                Assert.AreEqual(0, gradient.Sum(), 1e-5);
                for (var i = 0; i < gradient.Length; i++)
                    Assert.AreEqual((Exact(Shifted(i, 1e-5)) - Exact(Shifted(i, -1e-5))) / 2e-5, gradient[i], 1e-4, $"class {i}");

                double[] Shifted(int i, double by) => [.. draw.scores.Select((score, j) => i == j ? score + by : score)];

                double Exact(double[] scores)
                {
                    var logarithm = Math.Log(scores.Sum(Math.Exp));
                    return scores.Select(
                        (score, i) => (draw.smoothing / scores.Length + (i == draw.label ? 1 - draw.smoothing : 0)) * (logarithm - score))
                        .Sum();
                }
            }), 300);

    [TestMethod]
    public void Scores_of_any_size_give_finite_losses()
    {
        foreach (var score in new[] { -1e30f, -1000f, 0f, 1000f, 1e30f })
        {
            foreach (var label in new[] { 0f, 1f })
                Assert.IsTrue(double.IsFinite(BinaryLoss.Logistic().At(score, label).Value)
                    && double.IsFinite(BinaryLoss.Logistic().At(score, label).Slope), $"{score} {label}");
            float[] scores = [score, 0, -score];
            Assert.IsTrue(double.IsFinite(MulticlassLoss.CrossEntropy().ToGradients(scores, 3, [1f], [])), $"{score}");
            Assert.IsTrue(scores.All(float.IsFinite), $"{score}");
        }
    }

    [TestMethod]
    public void Weights_multiply_losses_and_slopes()
    {
        foreach (var loss in ScalarLosses)
        {
            float[] scores = [0.3f, 1.7f], weighted = [0.3f, 1.7f], labels = [1, 0], weights = [2, 0.5f];
            var sum = loss.ToGradients(scores, 1, labels, []);
            var weightedSum = loss.ToGradients(weighted, 1, labels, weights);
            Assert.AreEqual(scores[0] * 2, weighted[0], 1e-6);
            Assert.AreEqual(scores[1] / 2, weighted[1], 1e-6);
            Assert.AreEqual(2 * loss.Value([0.3f], 1) + loss.Value([1.7f], 0) / 2, weightedSum, 1e-6);
            Assert.AreEqual(loss.Value([0.3f], 1) + loss.Value([1.7f], 0), sum, 1e-6);
        }
    }

    [TestMethod]
    public void What_training_computes_in_lanes_is_what_the_definition_says()
    {
        var random = new Random(4);
        foreach (var loss in ScalarLosses)
            // Whole vectors, part of one, and both.
            foreach (var rows in new[] { 1, 16, 35 })
            {
                float[] scores = [.. Enumerable.Range(0, rows).Select(row => row % 5 == 0 ? 1 : (float)(random.NextDouble() * 12 - 6))];
                float[] labels = [.. scores.Select(_ => loss is BinaryLoss ? random.Next(2) : random.Next(4))],
                weights = [.. scores.Select(_ => (float)random.NextDouble() * 3)];
                var gradients = scores.ToArray();
                var sum = loss.ToGradients(gradients, 1, labels, weights);
                var expected = scores.Select((score, row) => loss.At(score, labels[row])).ToArray();
                for (var row = 0; row < rows; row++)
                    AreClose(weights[row] * expected[row].Slope, gradients[row], $"{loss} at {scores[row]}, label {labels[row]}");
                AreClose(expected.Select((at, row) => weights[row] * at.Value).Sum(), sum, $"{loss}");
            }
    }

    [TestMethod]
    public void Many_models_have_the_losses_and_the_slopes_that_each_has_alone()
    {
        var (rows, models) = (7, 32);
        var random = new Random(5);
        foreach (var loss in ScalarLosses.Concat<Loss>([MulticlassLoss.CrossEntropy(), MulticlassLoss.CrossEntropy(0.2)]))
        {
            // Seventeen classes are more than a vector has lanes.
            var outputs = loss is MulticlassLoss ? 17 : 1;
            var all = Enumerable.Range(0, rows * outputs * models).Select(_ => (float)(random.NextDouble() * 6 - 3)).ToArray();
            float[] labels = [.. Enumerable.Range(0, rows).Select(_ => random.Next(outputs == 1 ? 2 : outputs))],
            weights = [.. labels.Select(_ => (float)random.NextDouble() * 3)];
            var (gradients, losses) = (all.ToArray(), new double[models]);
            loss.ToGradientsOfModels(gradients, outputs, labels, weights, losses);
            for (var model = 0; model < models; model++)
            {
                // Rows are longer than their scores.
                var own = new float[rows * 32];
                var stride = outputs == 1 ? 1 : 32;
                for (var i = 0; i < rows * outputs; i++) own[i / outputs * stride + i % outputs] = all[i * models + model];
                var sum = loss.ToGradients(own.AsSpan(0, rows * stride), outputs, labels, weights);
                AreClose(sum, losses[model], $"{loss}, model {model}");
                for (var i = 0; i < rows * outputs; i++)
                    AreClose(own[i / outputs * stride + i % outputs], gradients[i * models + model], $"{loss}, model {model}, {i}");
            }
        }
    }

    [TestMethod]
    public void Arguments_out_of_range_are_named()
    {
        Refused("delta must be in (0, ∞). Received: 0", () => RegressionLoss.Huber(0));
        Refused("level must be in (0, 1). Received: 1", () => RegressionLoss.Quantile(1));
        Refused("labelSmoothing must be in [0, 1). Received: -0.1", () => MulticlassLoss.CrossEntropy(-0.1));

        static void Refused(string message, Func<object> make) =>
            StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => make()).Message, message);
    }

    private static void AreClose(double expected, double actual, string what) =>
        Assert.AreEqual(expected, actual, 2e-6 * Math.Max(1, Math.Abs(expected)), what);
}
