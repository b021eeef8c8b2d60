using System.Text.Json;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Tests.Data;
using Microsoft.ML.LrScheduling.Tests.Losses;
using Microsoft.ML.LrScheduling.Tests.Optimizers;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// The engines against PyTorch itself, where it is installed (Debian: <c>apt-get install python3-torch</c>): 200 steps of its autograd and
/// its optimizers on the same rows in the same order give the same weights. (With the same gradients the Torch engine's updates give the
/// same to 1e-6: see <see cref="TorchUpdateTests"/>.)
/// </summary>
[TestClass]
public sealed class EnginePeerTests
{
    private const int Rows = 300;
    private const int Features = 6;
    private const int BatchSize = 30;
    private const int Steps = 200;

    [TestMethod]
    public void Every_optimizer_and_every_loss_gives_the_weights_of_PyTorch()
    {
        var problems = Problems().ToArray();
        var (lines, version) = Python.Run("torch_training.py", problems.Select(problem => problem.ToJson()));
        if (lines is null) Assert.Inconclusive($"PyTorch is not there to compare with: {version}.");
        Assert.AreEqual(problems.Length, lines.Length);
        foreach (var (problem, line) in problems.Zip(lines))
        {
            var expected = JsonSerializer.Deserialize<Trained>(line, JsonSerializerOptions.Web)!;
            // Adaptive optimizers, and losses with corners, make much of a last digit: no more is asked than that PyTorch agrees with
            // itself in double precision.
            var tolerance = 1e-5 + 2 * expected.Rounding;
            foreach (var (name, make) in AllEngines.Kinds)
            {
                var actual = problem.Train(make);
                for (var i = 0; i < expected.Weights.Length; i++)
                    Assert.AreEqual(expected.Weights[i], actual.Weights[i], tolerance, $"{name}: {problem}, weight {i}");
                for (var i = 0; i < expected.Biases.Length; i++)
                    Assert.AreEqual(expected.Biases[i], actual.Biases[i], tolerance, $"{name}: {problem}, bias {i}");
                Assert.IsTrue(actual.Weights.Max(Math.Abs) > 0.01f, $"{name}: {problem} learns nothing");
            }

            Assert.IsLessThan(0.01, expected.Rounding, $"{problem} tells nothing");
        }
    }

    private static IEnumerable<Problem> Problems()
    {
        var random = new Random(7);
        // Each optimizer with a smooth loss, so that rounding decides no case; each loss with an optimizer; and what else may be set.
        foreach (var optimizer in SampleOptimizers.All) yield return new Problem(random, optimizer, BinaryLoss.Logistic());
        foreach (var optimizer in SampleOptimizers.All)
            yield return new Problem(random, optimizer, MulticlassLoss.CrossEntropy()) { L2 = 0.05, IsSparse = true };
        foreach (var loss in SampleLosses.All) yield return new Problem(random, Optimizer.Sgd(momentum: 0.5), loss) { IsWeighted = true };
        foreach (var loss in SampleLosses.All) yield return new Problem(random, Optimizer.Sgd(), loss) { L1 = 0.05, L2 = 0.02 };
        Optimizer[] cycled =
        [
            Optimizer.Sgd(0.3), Optimizer.Sgd(0.3, dampening: 0.2, weightDecay: 0.01), Optimizer.Sgd(0.3, nesterov: true),
            Optimizer.Adam(), Optimizer.Adam(weightDecay: 0.02, amsGrad: true), Optimizer.AdamW(), Optimizer.AdamW(amsGrad: true),
            Optimizer.RmsProp(momentum: 0.2), Optimizer.RmsProp(momentum: 0.2, centered: true),
        ];
        foreach (var optimizer in cycled)
            yield return new Problem(random, optimizer, RegressionLoss.Squared()) { CyclesMomentum = true, L1 = 0.01 };
        foreach (var clipping in new GradientClipping[]
            { new() { MaximumNorm = 0.5 }, new() { MaximumValue = 0.3 }, new() { MaximumNorm = 1, MaximumValue = 0.6 } })
        {
            yield return new Problem(
                random, Optimizer.Sgd(momentum: 0.5, weightDecay: 0.01), RegressionLoss.Squared())
            { Clipping = clipping };
            yield return new Problem(random, Optimizer.Sgd(), MulticlassLoss.CrossEntropy()) { Clipping = clipping };
        }
    }

    private sealed record Trained(float[] Weights, float[] Biases, double Rounding);

    private sealed record Problem
    {
        private readonly float[][] _features;
        private readonly float[] _labels;
        private readonly float[] _weights;
        private readonly double[][] _rates;
        private readonly double[][] _momenta;
        private readonly int[][] _batches;

        public Problem(Random random, Optimizer optimizer, Loss loss)
        {
            (Optimizer, Loss) = (optimizer, loss);
            Outputs = loss is MulticlassLoss ? 3 : 1;
            _features = [.. Enumerable.Range(0, Rows)
                .Select(_ => Enumerable.Range(0, Features).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray())];
            _labels = [.. _features.Select(x => Label(x, random.NextDouble()))];
            _weights = [.. _features.Select(_ => (float)random.NextDouble() * 2)];
            var scale = _weights.Average();
            for (var i = 0; i < Rows; i++) _weights[i] /= scale;
            _rates = [.. Enumerable.Range(0, Steps).Select(step => new[] { 0.02 / (1 + 0.01 * step), 0.01 + 0.0001 * step })];
            _momenta = [.. Enumerable.Range(0, Steps).Select(step => new[] { 0.5 + 0.3 * Math.Sin(step), 0.9 - 0.002 * step })];
            var order = new RowOrder(Rows, Features, BatchSize, seed: 11);
            _batches = [.. Enumerable.Range(0, Steps * BatchSize / Rows).SelectMany(epoch => order.Visit(epoch, 0).Chunk(BatchSize))];
        }

        public Optimizer Optimizer { get; }

        public Loss Loss { get; }

        public int Outputs { get; }

        public bool IsWeighted { get; init; }

        public bool CyclesMomentum { get; init; }

        // Rows come as if most of their features were zero; 200 further features are.
        public bool IsSparse { get; init; }

        public double L1 { get; init; }

        public double L2 { get; init; }

        public GradientClipping? Clipping { get; init; }

        public string ToJson() => JsonSerializer.Serialize(new
        {
            features = _features,
            labels = _labels,
            weights = IsWeighted ? _weights : null,
            batches = _batches,
            rates = _rates,
            momenta = CyclesMomentum ? _momenta : null,
            outputs = Outputs,
            optimizer = JsonSerializer.SerializeToElement(Optimizer, JsonSerializerOptions.Web),
            loss = Loss switch
            {
                RegressionLoss loss => JsonSerializer.SerializeToElement(loss, JsonSerializerOptions.Web),
                BinaryLoss loss => JsonSerializer.SerializeToElement(loss, JsonSerializerOptions.Web),
                _ => JsonSerializer.SerializeToElement((MulticlassLoss)Loss, JsonSerializerOptions.Web),
            },
            l1 = L1,
            l2 = L2,
            clipNorm = Clipping?.MaximumNorm,
            clipValue = Clipping?.MaximumValue,
        });

        public LinearWeights Train(Func<LinearProblem, ILinearEngine> make)
        {
            var width = IsSparse ? Features + 200 : Features;
            var builder = new TrainingSetBuilder(width, IsWeighted);
            int[] indices = IsSparse ? [.. Enumerable.Range(100, Features)] : [];
            for (var row = 0; row < Rows; row++) builder.Add(_features[row], indices, _labels[row], IsWeighted ? _weights[row] : 1);
            var set = builder.Build("training");
            Assert.AreEqual(IsSparse, set.IsSparse);
            using var engine = make(
                new LinearProblem(set, [new ModelSettings(Optimizer, L1, L2, Clipping)], Outputs, Loss, BatchSize, WindowRows: Rows));
            for (var step = 0; step < Steps; step++)
            {
                var (epoch, batch) = Math.DivRem(step, Rows / BatchSize);
                if (batch == 0)
                {
                    engine.LoadWindow(
                        set.Window([.. _batches[step..(step + Rows / BatchSize)].SelectMany(rows => rows)], isPacked: epoch % 2 == 0));
                }
                engine.Step(batch * BatchSize, BatchSize, _rates[step], CyclesMomentum ? _momenta[step] : []);
            }

            var weights = engine.GetWeights(0);
            return IsSparse
                ? weights with
                {
                    Weights =
                        [.. Enumerable.Range(0, Outputs).SelectMany(output => weights.WeightsOf(output).Slice(100, Features).ToArray())],
                }
                : weights;
        }

        public override string ToString() =>
            $"{Optimizer}, {Loss}, L1 {L1}, L2 {L2}, {Clipping}, weighted {IsWeighted}, momentum {CyclesMomentum}, sparse {IsSparse}";

        private float Label(float[] x, double noise)
        {
            var score = x[0] - 2 * x[1] + 0.5 * x[2] + 0.3 + noise - 0.5;
            return Loss switch
            {
                PoissonLoss => (float)Math.Floor(Math.Exp(score / 2)),
                BinaryLoss => score > 0 ? 1 : 0,
                MulticlassLoss => score > 0.7 ? 2 : score < -0.7 ? 1 : 0,
                _ => (float)score,
            };
        }
    }
}
