using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>Every way in which an engine can compute, by name.</summary>
internal static class AllEngines
{
    public static IReadOnlyList<(string Name, Func<LinearProblem, ILinearEngine> Make)> Kinds { get; } =
    [
        ("fused", problem => new FusedEngine(problem)),
        // Fifteen further models beside the one that is looked at: vectors of models in place of vectors of features.
        ("fused, 16 models", problem => new FirstOfMany(
            new FusedEngine(problem with { Models = [problem.Models[0], .. Enumerable.Repeat(Other(problem.Models[0]), 15)] }))),
        ("Torch", problem => new TorchEngine(problem)),
        // As on a GPU: the processor has copies of all tensors.
        ("Torch with copies", problem => new TorchEngine(problem, new TorchPlace(torch.CPU, HasCopies: true))),
    ];

    // What one model has must not reach its neighbours.
    private static ModelSettings Other(ModelSettings own) => new(
        own.Optimizer switch
        {
            Sgd sgd => sgd with { Momentum = 0.3, WeightDecay = sgd.WeightDecay + 0.1 },
            Adam adam => adam with { Beta1 = 0.7, Beta2 = 0.9, Epsilon = 0.1, WeightDecay = adam.WeightDecay + 0.1 },
            AdamW adam => adam with { Beta1 = 0.7, Beta2 = 0.9, Epsilon = 0.1, WeightDecay = adam.WeightDecay + 0.1 },
            RmsProp rms => rms with { Alpha = 0.8, Epsilon = 0.1, Momentum = 0.3, WeightDecay = rms.WeightDecay + 0.1 },
            Adagrad adagrad => adagrad with
            {
                LrDecay = 0.1,
                InitialAccumulatorValue = 0.5,
                Epsilon = 0.1,
                WeightDecay = adagrad.WeightDecay + 0.1,
            },
            var other => throw new NotSupportedException($"{other}"),
        },
        own.L1Regularization + 0.1, own.L2Regularization + 0.1, new GradientClipping { MaximumNorm = 0.1, MaximumValue = 0.05 });

    /// <summary>The first of the models of an engine. The others have the same rates, as many times as large as their number.</summary>
    private sealed class FirstOfMany(ILinearEngine engine) : ILinearEngine
    {
        public int ModelCount => 1;

        public void LoadWindow(RowWindow window) => engine.LoadWindow(window);

        public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
        {
            var (rates, allMomenta) = (new double[engine.ModelCount * 2], new double[momenta.IsEmpty ? 0 : engine.ModelCount * 2]);
            for (var i = 0; i < rates.Length; i++) rates[i] = learningRates[i % 2] * (1 + i / 2 % 3 * 0.1);
            for (var i = 0; i < allMomenta.Length; i++) allMomenta[i] = momenta[i % 2];
            engine.Step(start, count, rates, allMomenta);
        }

        public double LastLoss(int model) => engine.LastLoss(model);

        public void TakeTrainingLosses(Span<double> losses)
        {
            var all = new double[engine.ModelCount];
            engine.TakeTrainingLosses(all);
            losses[0] = all[0];
        }

        public void Save(int model, BinaryWriter writer) => engine.Save(model, writer);

        public void Load(int model, BinaryReader reader) => engine.Load(model, reader);

        public LinearWeights GetWeights(int model) => engine.GetWeights(model);

        public void Dispose() => engine.Dispose();
    }
}
