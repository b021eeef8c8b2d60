using System.Text.Json;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// The Torch engine's updates against the optimizers of PyTorch itself, where it is installed (Debian:
/// <c>apt-get install python3-torch</c>): 200 steps with the same gradients give the same values after each step.
/// </summary>
[TestClass]
public sealed class TorchUpdateTests
{
    private const int Steps = 200;
    private const int Size = 5;

    // Both do the same operations in single precision in the same order; a library may contract a product and a sum, which costs a digit.
    private const double Tolerance = 1e-6;

    private static readonly Optimizer[] Optimizers =
    [
        Optimizer.Sgd(), Optimizer.Sgd(weightDecay: 0.05), Optimizer.Sgd(momentum: 0.9), Optimizer.Sgd(momentum: 0.9, dampening: 0.5),
        Optimizer.Sgd(momentum: 0.9, nesterov: true), Optimizer.Sgd(momentum: 0.8, nesterov: true, weightDecay: 0.05),
        Optimizer.Sgd(momentum: 0.8, dampening: 0.3, weightDecay: 0.05),
        Optimizer.Adam(), Optimizer.Adam(weightDecay: 0.05), Optimizer.Adam(amsGrad: true),
        Optimizer.Adam(beta1: 0.8, beta2: 0.9, epsilon: 0.001, weightDecay: 0.05, amsGrad: true),
        Optimizer.AdamW(), Optimizer.AdamW(weightDecay: 0.5), Optimizer.AdamW(weightDecay: 0.5, amsGrad: true),
        Optimizer.AdamW(beta1: 0.8, beta2: 0.9, epsilon: 0.001, weightDecay: 0),
        Optimizer.RmsProp(), Optimizer.RmsProp(alpha: 0.9, epsilon: 0.001, weightDecay: 0.05), Optimizer.RmsProp(momentum: 0.9),
        Optimizer.RmsProp(centered: true), Optimizer.RmsProp(weightDecay: 0.05, momentum: 0.9, centered: true),
        Optimizer.Adagrad(), Optimizer.Adagrad(lrDecay: 0.02), Optimizer.Adagrad(weightDecay: 0.05, epsilon: 0.001),
        Optimizer.Adagrad(lrDecay: 0.02, weightDecay: 0.05, initialAccumulatorValue: 0.3),
    ];

    [TestMethod]
    public void Two_hundred_steps_are_those_of_PyTorch()
    {
        var runs = Runs().ToArray();
        var (lines, version) = Python.Run("torch_updates.py", runs.Select(run => run.ToJson()));
        if (lines is null) Assert.Inconclusive($"PyTorch is not there to compare with: {version}.");
        Assert.HasCount(runs.Length, lines);
        foreach (var (run, line) in runs.Zip(lines))
        {
            var theirs = JsonSerializer.Deserialize<float[][]>(line)!;
            // As on a GPU too, where what is remembered has a copy for the processor.
            foreach (var hasCopies in new[] { false, true })
            {
                var ours = run.Trajectory(new TorchPlace(torch.CPU, hasCopies));
                Assert.HasCount(Steps, theirs);
                for (var step = 0; step < Steps; step++)
                {
                    var tolerance = Tolerance * theirs[step].Max(Math.Abs);
                    for (var i = 0; i < Size; i++)
                        Assert.AreEqual(theirs[step][i], ours[step][i], tolerance, $"{run}, step {step}, value {i}");
                }
            }
        }
    }

    private static IEnumerable<Run> Runs()
    {
        var random = new Random(3);
        foreach (var optimizer in Optimizers)
        {
            yield return new Run(random, optimizer);
            yield return new Run(random, optimizer) { L2 = 0.1 };
            // A bias, which no weight decay concerns.
            yield return new Run(random, optimizer) { Decays = false };
            if (optimizer.CycledMomentum is null) continue;
            yield return new Run(random, optimizer) { Momenta = step => 0.5 + 0.4 * Math.Sin(step) };
            // PyTorch's RMSprop cannot take up a momentum that it has not begun with.
            if (optimizer is RmsProp { Momentum: 0 }) continue;
            yield return new Run(random, optimizer) { L2 = 0.02, Momenta = step => step / 25 % 2 == 0 ? 0.9 : 0 };
        }
    }

    private sealed record Run
    {
        private readonly Optimizer _optimizer;
        private readonly float[] _start;
        private readonly float[][] _gradients;
        private readonly double[] _rates;

        public Run(Random random, Optimizer optimizer)
        {
            _optimizer = optimizer;
            _start = Draw(2);
            _gradients = [.. Enumerable.Range(0, Steps).Select(step => Draw(step == 30 ? 10 : 1))];
            _rates = [.. Enumerable.Range(0, Steps).Select(step => 0.05 / (1 + 0.01 * step))];

            float[] Draw(double scale) => [.. Enumerable.Range(0, Size).Select(_ => (float)((random.NextDouble() * 2 - 0.8) * scale))];
        }

        public double L2 { get; init; }

        public bool Decays { get; init; } = true;

        public Func<int, double>? Momenta { get; init; }

        public string ToJson() => JsonSerializer.Serialize(new
        {
            optimizer = JsonSerializer.SerializeToElement(_optimizer, JsonSerializerOptions.Web),
            decays = Decays,
            l2 = L2,
            start = _start,
            gradients = _gradients,
            rates = _rates,
            momenta = Momenta is null ? null : Enumerable.Range(0, Steps).Select(Momenta),
        });

        /// <summary>The values after each step; after half of them the update is saved, and another one goes on.</summary>
        public float[][] Trajectory(TorchPlace place)
        {
            using var values = new TensorBuffer(Tensors.Zeros(place, [Size]), place);
            using var gradient = new TensorBuffer(Tensors.Zeros(place, [Size]), place);
            _start.CopyTo(values.Elements);
            values.ToDevice();
            var trajectory = new List<float[]>();
            using var saved = new MemoryStream();
            foreach (var half in _gradients.Chunk(Steps / 2))
            {
                using var update = TorchUpdate.Of(_optimizer, place, values.Tensor, gradient.Tensor, L2, Decays);
                saved.Position = 0;
                if (trajectory.Count > 0) update.Load(new BinaryReader(saved));
                foreach (var next in half)
                {
                    next.CopyTo(gradient.Elements);
                    gradient.ToDevice();
                    update.Step(_rates[trajectory.Count], Momenta?.Invoke(trajectory.Count));
                    values.ToHost();
                    trajectory.Add(values.Elements.ToArray());
                }

                update.Save(new BinaryWriter(saved));
            }

            return [.. trajectory];
        }

        public override string ToString() => $"{_optimizer}, L2 {L2}, decays {Decays}, momentum cycled {Momenta is not null}";
    }
}
