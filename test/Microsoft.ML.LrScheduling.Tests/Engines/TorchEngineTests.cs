using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Tests.Data;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

[TestClass]
public sealed class TorchEngineTests
{
    private const int Features = 7;
    private const int Rows = 500;
    private const int BatchSize = 32;
    private const int Epochs = 12;

    [TestMethod]
    [DataRow(0.0, 0.0, false)]
    [DataRow(0.9, 0.0, false)]
    [DataRow(0.5, 0.1, false)]
    [DataRow(0.9, 0.01, true)]
    public void Weights_are_those_that_autograd_trains(double momentum, double l2, bool weighted)
    {
        var set = RandomSet(weighted);
        var order = new RowOrder(Rows, Features, BatchSize, seed: 3);
        double Rate(int epoch) => 0.02 * Math.Pow(0.8, epoch);
        double[] losses = new double[1], engineLosses = new double[Epochs];
        LinearWeights actual;
        using (var engine = new TorchEngine(Problem(set, order, 1, momentum, l2)))
        {
            for (var epoch = 0; epoch < Epochs; epoch++)
            {
                TrainEpoch(engine, set, order, epoch, [Rate(epoch), Rate(epoch) / 2]);
                engine.TakeTrainingLosses(losses);
                engineLosses[epoch] = losses[0];
            }

            actual = engine.GetWeights(0);
        }

        var (expected, autogradLosses) = TrainWithAutograd(set, order, momentum, l2, Rate);
        for (var i = 0; i < Features; i++) Assert.AreEqual(expected.Weights[i], actual.Weights[i], 1e-5, $"weight {i}");
        Assert.AreEqual(expected.Biases[0], actual.Biases[0], 1e-5);
        for (var epoch = 0; epoch < Epochs; epoch++)
            Assert.AreEqual(autogradLosses[epoch], engineLosses[epoch], 1e-4 * autogradLosses[epoch], $"epoch {epoch}");
        Assert.AreNotEqual(0f, actual.Biases[0]);
    }

    [TestMethod]
    public void Models_that_train_together_are_those_that_train_alone()
    {
        var set = RandomSet(weighted: false);
        var order = new RowOrder(Rows, Features, BatchSize, seed: 3);
        double[][] rates = [[0.01, 0.01], [0.05, 0.02], [0.002, 0.1]];
        using var together = new TorchEngine(Problem(set, order, rates.Length, 0.9, 0.01));
        for (var epoch = 0; epoch < 3; epoch++) TrainEpoch(together, set, order, epoch, [.. rates.SelectMany(r => r)]);
        var losses = new double[rates.Length];
        together.TakeTrainingLosses(losses);
        for (var model = 0; model < rates.Length; model++)
        {
            using var alone = new TorchEngine(Problem(set, order, 1, 0.9, 0.01));
            for (var epoch = 0; epoch < 3; epoch++) TrainEpoch(alone, set, order, epoch, rates[model]);
            CollectionAssert.AreEqual(alone.GetWeights(0).Weights, together.GetWeights(model).Weights, $"model {model}");
            CollectionAssert.AreEqual(alone.GetWeights(0).Biases, together.GetWeights(model).Biases);
            var loss = new double[1];
            alone.TakeTrainingLosses(loss);
            Assert.AreEqual(loss[0], losses[model]);
        }
    }

    [TestMethod]
    public void Scores_are_the_products_with_the_weights()
    {
        var set = RandomSet(weighted: false);
        var order = new RowOrder(Rows, Features, BatchSize, seed: 3);
        using var engine = new TorchEngine(Problem(set, order, 1, 0, 0));
        TrainEpoch(engine, set, order, 0, [0.02, 0.02]);
        var (weights, scores) = (engine.GetWeights(0), new float[Rows]);
        weights.Score(set, scores);
        for (var row = 0; row < Rows; row++)
        {
            double expected = weights.Biases[0];
            for (var i = 0; i < Features; i++) expected += weights.Weights[i] * (double)set.Features(row)[i];
            Assert.AreEqual(expected, scores[row], 1e-4);
        }
    }

    public static IEnumerable<object[]> Optimizers =>
    [
        [Optimizer.Sgd(momentum: 0.9)],
        [Optimizer.Adam() with { AmsGrad = true }],
        [Optimizer.AdamW()],
        [Optimizer.RmsProp() with { Centered = true, Momentum = 0.9 }],
        [Optimizer.Adagrad()],
    ];

    [TestMethod]
    [DynamicData(nameof(Optimizers))]
    [DoNotParallelize]
    public void No_tensor_is_left_behind(Optimizer optimizer)
    {
        var set = RandomSet(weighted: true);
        var order = new RowOrder(Rows, Features, BatchSize, seed: 3);
        Train();
        // Finalisers of what other tests left would change the count in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        for (var i = 0; i < 3; i++) Train();
        Assert.AreEqual(before, torch.Tensor.TotalCount);

        void Train()
        {
            using var engine = new TorchEngine(Problem(set, order, 2, optimizer, 0.01));
            for (var epoch = 0; epoch < 2; epoch++) TrainEpoch(engine, set, order, epoch, [0.01, 0.01, 0.02, 0.02]);
        }
    }

    private static void TrainEpoch(TorchEngine engine, TrainingSet set, RowOrder order, int epoch, double[] rates)
    {
        var windows = new WindowLoader(set, order);
        for (var i = 0; i < windows.WindowCount; i++)
        {
            var rows = windows.Load(epoch, i);
            engine.LoadWindow(rows);
            for (var start = 0; start < rows.Count; start += BatchSize)
                engine.Step(start, Math.Min(BatchSize, rows.Count - start), rates, momenta: []);
        }
    }

    /// <summary>The loop of a PyTorch tutorial: forward, loss, backward, optimizer.step().</summary>
    private static (LinearWeights Weights, double[] Losses) TrainWithAutograd(
        TrainingSet set, RowOrder order, double momentum, double l2, Func<int, double> rate)
    {
        using var scope = torch.NewDisposeScope();
        var linear = torch.nn.Linear(Features, 1);
        using (torch.no_grad())
        {
            linear.weight!.zero_();
            linear.bias!.zero_();
        }

        using var optimizer = torch.optim.SGD(
        [
            new global::TorchSharp.Modules.SGD.ParamGroup([linear.weight!], 0.1, momentum, weight_decay: l2),
            new global::TorchSharp.Modules.SGD.ParamGroup([linear.bias!], 0.1, momentum),
        ], 0.1, momentum);
        var losses = new double[Epochs];
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var groups = optimizer.ParamGroups.ToArray();
            (groups[0].LearningRate, groups[1].LearningRate) = (rate(epoch), rate(epoch) / 2);
            var window = new int[order.WindowRows];
            for (var i = 0; i < order.WindowCount; i++)
                foreach (var rows in order.Visit(epoch, i).Chunk(BatchSize))
                {
                    using var step = torch.NewDisposeScope();
                    var x = torch.tensor(rows.SelectMany(row => set.Features(row).ToArray()).ToArray()).view(rows.Length, Features);
                    var y = torch.tensor(rows.Select(set.Label).ToArray());
                    var w = torch.tensor(rows.Select(set.Weight).ToArray());
                    optimizer.zero_grad();
                    var error = linear.forward(x).view(rows.Length) - y;
                    var loss = (error * error * w).mean();
                    loss.backward();
                    optimizer.step();
                    losses[epoch] += loss.ToSingle() * rows.Length / Rows;
                }
        }

        return (new LinearWeights(linear.weight!.data<float>().ToArray(), linear.bias!.data<float>().ToArray()), losses);
    }

    private static LinearProblem Problem(TrainingSet set, RowOrder order, int models, double momentum, double l2) =>
        Problem(set, order, models, Optimizer.Sgd(momentum), l2);

    private static LinearProblem Problem(TrainingSet set, RowOrder order, int models, Optimizer optimizer, double l2) =>
        new(set, [.. Enumerable.Repeat(new ModelSettings(optimizer, 0, l2), models)], OutputCount: 1, RegressionLoss.Squared(), BatchSize,
            order.WindowRows);

    private static TrainingSet RandomSet(bool weighted)
    {
        var random = new Random(5);
        var builder = new TrainingSetBuilder(Features, weighted);
        for (var row = 0; row < Rows; row++)
        {
            var x = Enumerable.Range(0, Features).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            var label = 3 + x.Select((v, i) => v * (i - 3)).Sum() + (float)random.NextDouble() * 0.1f;
            builder.Add(x, [], label, weighted ? (float)random.NextDouble() * 3 : 1);
        }

        return builder.Build("training");
    }
}
