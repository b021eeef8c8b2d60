using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Engines;
using Microsoft.ML.LrScheduling.Tests.Losses;
using Microsoft.ML.LrScheduling.Tests.Optimizers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>
/// Training that is interrupted at any minibatch and goes on from its checkpoint gives the weights and the history of uninterrupted
/// training, bit for bit: with every engine, optimizer, loss and kind of schedule, dense and sparse rows, early stopping and not.
/// </summary>
[TestClass]
public sealed class ResumedTrainingTests
{
    private const int Epochs = 6;
    private const int BatchSize = 16;
    // Five minibatches, the last of them short; windows of two minibatches.
    private const int Rows = 70;
    private const int Features = 5;

    private static readonly LrSchedule[] Schedules =
    [
        LrSchedule.StepLR(2, 0.5),
        LrSchedule.ExponentialLR(0.97) with { Interval = ScheduleInterval.Batch },
        LrSchedule.OneCycleLR(maxLr: [0.05, 0.1]),
        LrSchedule.CyclicLR(baseLr: 0.01, maxLr: 0.05, stepSizeUp: 4, mode: CyclicMode.ExpRange, gamma: 0.99),
        LrSchedule.CosineAnnealingWarmRestarts(t0: 2, tMult: 2),
        LrSchedule.PolynomialLR(totalIters: 20, power: 0.7) with { Interval = ScheduleInterval.Batch },
        LrSchedule.MultiplicativeLR("0.9 + 0.01 * epoch"),
        LrSchedule.LambdaLR("1 / (1 + epoch)", "0.5 ** (epoch // 2)"),
        LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, threshold: 0.2).WithWarmup(7, interval: ScheduleInterval.Batch),
        LrSchedule.GreedyLR(factor: 0.5, patience: 0, smooth: true, windowSize: 2).WithNoise(noisePct: 0.3),
        LrSchedule.CustomLR("rate * (metric < s0 ? 1.05 : 0.9)", ["metric"], [1e300]) with { Interval = ScheduleInterval.Batch },
        LrSchedule.ChainedScheduler(
            [LrSchedule.LinearLR(), LrSchedule.MultiStepLR([3, 9], 0.5) with { Interval = ScheduleInterval.Batch }]),
    ];

    [TestMethod]
    public void It_is_the_same_as_uninterrupted_training_bit_for_bit()
    {
        var random = new Random(20261125);
        var cases = 0;
        foreach (var optimizer in SampleOptimizers.All)
            foreach (var schedule in Schedules.Where(schedule => !schedule.CyclesMomentum || optimizer.CycledMomentum is not null))
            {
                var loss = SampleLosses.All[random.Next(SampleLosses.All.Length)];
                Compare(new Case(optimizer, loss, schedule, IsSparse: cases % 3 == 0, StopsEarly: cases % 2 == 0, Clips: cases % 5 == 0,
                    Engine: cases % 7 % AllEngines.Kinds.Count), random);
                cases++;
            }

        foreach (var loss in SampleLosses.All)
            for (var engine = 0; engine < AllEngines.Kinds.Count; engine++)
                Compare(new Case(Optimizer.Sgd(0.5), loss, Schedules[1], false, true, false, engine), random);
        Assert.IsGreaterThan(85, cases);
    }

    private static void Compare(Case draw, Random random)
    {
        var (weights, history, steps) = Run(draw, stopBefore: int.MaxValue, folder: null);
        var folder = Directory.CreateTempSubdirectory("lrscheduling-resume-");
        try
        {
            // Interrupted up to four times; a checkpoint is written at each interruption.
            for (var stop = random.Next(steps); stop < steps; stop += 1 + random.Next(steps / 2))
                Assert.ThrowsExactly<OperationCanceledException>(() => Run(draw, stop, folder.FullName));
            var (resumed, resumedHistory, _) = Run(draw, stopBefore: int.MaxValue, folder.FullName);
            CollectionAssert.AreEqual(weights.Weights, resumed.Weights, $"{draw}");
            CollectionAssert.AreEqual(weights.Biases, resumed.Biases, $"{draw}");
            Assert.AreEqual(Timeless(history), Timeless(resumedHistory), $"{draw}");

            // What has ended has ended: nothing is trained again.
            var (again, againHistory, taken) = Run(draw, stopBefore: int.MaxValue, folder.FullName);
            CollectionAssert.AreEqual(weights.Weights, again.Weights);
            Assert.AreEqual((Timeless(history), 0), (Timeless(againHistory), taken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Runs until a number of minibatches have been trained in all, over all interruptions; returns how many this run took.
    /// </summary>
    private static (LinearWeights Weights, TrainingHistory History, int Steps) Run(Case draw, int stopBefore, string? folder)
    {
        var (training, validation) = (Set(draw, Rows, 1), Set(draw, 20, 2));
        var order = new RowOrder(Rows, (1 << 18) / (2 * BatchSize), BatchSize, seed: 3);
        Assert.AreEqual(3, order.WindowCount);
        var outputs = draw.Loss is MulticlassLoss ? 3 : 1;
        using var engine = new CountingEngine(AllEngines.Kinds[draw.Engine].Make(new LinearProblem(
            training, [new ModelSettings(draw.Optimizer, 0.001, 0.01, draw.Clips ? new GradientClipping { MaximumNorm = 0.5 } : null)],
            outputs, draw.Loss, BatchSize, order.WindowRows)));
        var identity = new TrainingIdentity(
            ImmutableSortedDictionary<string, string>.Empty.Add("case", draw.ToString()), "rows", RowsHash.Of(training, validation),
            Epochs);
        var checkpoints = folder is null
            ? null
            : new CheckpointFolder(new Checkpoints { Folder = folder, EveryEpochs = null }, identity,
                state => identity.DifferenceFrom(state.Identity), _ => { }, message => Assert.Fail(message));
        var newest = checkpoints?.FindNewest();
        var before = newest is { } state ? state.Epoch * 5 + state.Step : 0;
        var plan = new TrainingPlan(
            Epochs, BatchSize, [draw.Schedule.Watching(Metric.ValidationLoss).ForRun(Epochs, 5)], [0.02, 0.03],
            draw.Optimizer.CycledMomentum ?? 0,
            draw.StopsEarly ? new EarlyStopping { Metric = Metric.ValidationLoss, Patience = 2 } : null, checkpoints, Progress: null,
            LossLimit: 1e9, new Cancellation(() => before + engine.Steps >= stopBefore, BestBy: null, CancellationToken.None))
        {
            From = newest,
        };
        ValidationScores scores = draw.Loss switch
        {
            RegressionLoss loss => new RegressionScores(loss),
            BinaryLoss loss => new BinaryScores(loss),
            var loss => new MulticlassScores((MulticlassLoss)loss),
        };
        var (weights, history) = new TrainingLoop(plan, engine, new WindowLoader(training, order), Rows, validation, scores).Run();
        return (weights, history, engine.Steps);
    }

    private static TrainingSet Set(Case draw, int rows, int seed)
    {
        var random = new Random(seed);
        var width = draw.IsSparse ? 300 : Features;
        int[] indices = draw.IsSparse ? [.. Enumerable.Range(0, Features).Select(i => 7 + 50 * i)] : [];
        var builder = new TrainingSetBuilder(width, hasWeights: true);
        for (var row = 0; row < rows; row++)
        {
            var x = Enumerable.Range(0, Features).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            var score = x[0] - x[1] + 0.3f + (float)(random.NextDouble() - 0.5);
            var label = draw.Loss switch
            {
                MulticlassLoss => score > 0.5f ? 2 : score < -0.5f ? 0 : 1,
                BinaryLoss => score > 0 ? 1 : 0,
                PoissonLoss => MathF.Floor(MathF.Exp(score)),
                _ => score,
            };
            builder.Add(x, indices, label, 0.5f + (float)random.NextDouble());
        }

        return builder.Build("rows");
    }

    private static string Timeless(TrainingHistory history) =>
        (history with { Epochs = [.. history.Epochs.Select(epoch => epoch with { Duration = TimeSpan.Zero })] }).ToJson();

    private sealed record Case(Optimizer Optimizer, Loss Loss, LrSchedule Schedule, bool IsSparse, bool StopsEarly, bool Clips, int Engine);

    private sealed class CountingEngine(ILinearEngine engine) : ILinearEngine
    {
        public int Steps { get; private set; }

        public int ModelCount => engine.ModelCount;

        public void LoadWindow(RowWindow window) => engine.LoadWindow(window);

        public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
        {
            Steps++;
            engine.Step(start, count, learningRates, momenta);
        }

        public double LastLoss(int model) => engine.LastLoss(model);

        public void TakeTrainingLosses(Span<double> losses) => engine.TakeTrainingLosses(losses);

        public void Save(int model, BinaryWriter writer) => engine.Save(model, writer);

        public void Load(int model, BinaryReader reader) => engine.Load(model, reader);

        public LinearWeights GetWeights(int model) => engine.GetWeights(model);

        public void Dispose() => engine.Dispose();
    }
}
