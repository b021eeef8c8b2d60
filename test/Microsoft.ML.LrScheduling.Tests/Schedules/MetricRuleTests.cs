using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Schedules that follow a metric against the rules of other libraries, as Data/metric_schedules.py has them: the noise of PyTorch's own
/// generator and scikit-learn's own training, where they are installed, and the rules of the others, written down there.
/// </summary>
[TestClass]
public sealed class MetricRuleTests
{
    private const int CasesPerRule = 60;

    private static readonly (object Case, LrSchedule Schedule, double Tolerance)[] Cases = [.. All()];

    private static readonly Lazy<(string[]? Lines, string Version)> Theirs =
        new(() => Python.Run("metric_schedules.py", Cases.Select(one => JsonSerializer.Serialize(one.Case))));

    [TestMethod]
    [DataRow("greedy")]
    [DataRow("keras")]
    [DataRow("paddle")]
    [DataRow("timm")]
    [DataRow("sgd")]
    [DataRow("mlp")]
    public void Rates_are_those_of_the_rule(string rule)
    {
        if (Theirs.Value.Lines is null) Assert.Inconclusive(Theirs.Value.Version);
        var (steps, changes) = (0, 0);
        foreach (var (one, line) in Cases.Zip(Theirs.Value.Lines))
        {
            var given = JsonSerializer.SerializeToElement(one.Case);
            if (given.GetProperty("rule").GetString() != rule) continue;
            var theirs = JsonDocument.Parse(line).RootElement;
            var curve = theirs.GetProperty("lrs").EnumerateArray().Select(Numbers).ToArray();
            var metrics = Numbers((theirs.TryGetProperty("metrics", out var own) ? theirs : given).GetProperty("metrics"));
            // Through its text, which so is held too.
            var scheduler = LrSchedule.Parse(one.Schedule.ToString()).Start(Numbers(given.GetProperty("lrs")));
            for (var step = 0; step < curve.Length; step++)
            {
                for (var group = 0; group < curve[step].Length; group++)
                    Assert.AreEqual(
                        curve[step][group], scheduler.LearningRates[group], one.Tolerance * curve[step][group],
                        string.Create(CultureInfo.InvariantCulture, $"{scheduler.Schedule}, step {step}, group {group}: {given}"));
                steps++;
                if (step > 0 && Math.Abs(curve[step][0] / curve[step - 1][0] - 1) > 1e-3) changes++;
                if (step < metrics.Length) scheduler.Step(metrics[step]);
            }

            if (rule == "sgd")
                Assert.IsTrue(curve.Length == 80 || scheduler.LearningRates[0] <= 1e-6, $"it ends at 1e-6: {scheduler}");
        }

        Assert.IsTrue(steps > 300 && changes > 20, $"{changes} changes in {steps} steps");
    }

    [TestMethod]
    [DataRow(10, 0, 9, 0)]
    [DataRow(3, 1, 2, 0)]
    [DataRow(0, 4, 0, 3)]
    public void The_counting_of_Keras_is_that_of_PyTorch_with_one_less(int patience, int cooldown, int otherPatience, int otherCooldown)
    {
        var keras = ReduceLROnPlateau(patience: patience, cooldown: cooldown, factor: 0.5, eps: 0, counting: PatienceCounting.Keras);
        var torch = ReduceLROnPlateau(patience: otherPatience, cooldown: otherCooldown, factor: 0.5, eps: 0);
        for (var seed = 0; seed < 50; seed++)
        {
            var metrics = Metrics(new Random(seed), 60);
            CollectionAssert.AreEqual(
                torch.Preview(60, 1, [0.1], metrics).Rates().ToArray(), keras.Preview(60, 1, [0.1], metrics).Rates().ToArray());
        }
    }

    [TestMethod]
    public void A_metric_that_is_none_is_a_bad_epoch_and_no_part_of_a_mean()
    {
        // Means of 4, then of 4 and 2: each is better, and doubles the rate. NaN halves it.
        Rates(GreedyLR(patience: 0, factor: 0.5, smooth: true, windowSize: 2), [4, double.NaN, 2], [0.1, 0.2, 0.1, 0.2]);
        static void Rates(LrSchedule schedule, double[] metrics, double[] rates)
        {
            var scheduler = schedule.Start(rates[0]);
            for (var step = 0; step < rates.Length; step++)
            {
                Assert.AreEqual(rates[step], scheduler.LearningRates[0], $"{step}");
                if (step < metrics.Length) scheduler.Step(metrics[step]);
            }
        }

        // A change by eps itself is skipped.
        Rates(GreedyLR(patience: 0, factor: 0.5, eps: 0.25), [1, 2, 3], [0.5, 1, 0.5, 0.5]);
        Rates(GreedyLR(patience: 0, factor: 0.5, eps: 0.25), [1, 0.5], [0.25, 0.25, 0.25]);
        Rates(ReduceLROnPlateau(patience: 0, factor: 0.5, eps: 0.25), [1, 2, 3], [1, 1, 0.5, 0.5]);
    }

    [TestMethod]
    public void GreedyLR_needs_limits_of_each_group_and_a_mode_that_is_the_metrics()
    {
        foreach (var schedule in new[] { GreedyLR(minLr: (double[])[0, 0]), GreedyLR(maxLr: (double[])[1, 1]) })
        {
            Assert.HasCount(2, schedule.Start(0.1, 0.2).LearningRates);
            Assert.ThrowsExactly<ArgumentException>(() => schedule.Start(0.1, 0.2, 0.3));
        }

        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => GreedyLR(PlateauMode.Max, metric: Metric.TrainingLoss)).Message,
            "mode must be Min for TrainingLoss");
    }

    [TestMethod]
    public void Paddle_does_not_look_at_the_metrics_of_a_cooldown()
    {
        // The best comes in the cooldown after the first cut: Paddle does not see it, and takes 0.9 for better than 1.
        double[] metrics = [1, 1, 0.5, 0.9, 0.9, 0.9];
        Assert.AreEqual("1 1 0.5 0.5 0.25 0.25", Rates(PatienceCounting.PyTorch));
        Assert.AreEqual("1 1 0.5 0.5 0.5 0.25", Rates(PatienceCounting.Paddle));

        string Rates(PatienceCounting counting) => string.Join(' ', ReduceLROnPlateau(
            factor: 0.5, patience: 0, cooldown: 1, counting: counting).Preview(6, 1, [1.0], metrics).Rates()
            .Select(rate => rate.ToString(CultureInfo.InvariantCulture)));
    }

    [TestMethod]
    public void The_best_of_scikit_learn_follows_improvements_that_do_not_count()
    {
        // Each is better by less than the threshold: in two epochs they pass it together.
        double[] metrics = [1, 0.94, 0.88, 0.82, 0.76, 0.7];
        Assert.AreEqual(1.0, Last(PatienceCounting.PyTorch, patience: 1));
        Assert.AreEqual(0.25, Last(PatienceCounting.ScikitLearn, patience: 2));

        double Last(PatienceCounting counting, int patience) => ReduceLROnPlateau(
            factor: 0.5, patience: patience, threshold: 0.1, thresholdMode: ThresholdMode.Abs, counting: counting)
            .Preview(6, 1, [1.0], metrics).Rates()[^1];
    }

    [TestMethod]
    public void The_noise_is_the_one_that_PyTorch_draws()
    {
        // torch.randn(1, generator=torch.Generator().manual_seed(42)) in turn, and torch.rand(1), of torch 1.13.
        var generator = new TorchGenerator();
        generator.Seed(42);
        foreach (var expected in new[] { 0.33669036626815796, 0.12880940735340118, 0.23446236550807953, 0.23033303022384644,
            -1.1228563785552979, -0.18632829189300537 })
            Assert.AreEqual((float)expected, generator.NextNormal());
        generator.Seed(42);
        Assert.AreEqual(0.8822692632675171f, generator.NextUniform());
        // The first step has the noise of seed 43, which is −0.648: beyond 0.6, so that the next one is drawn.
        Assert.AreEqual(0.1, StepLR(100).WithNoise().Start(0.1).LearningRates[0]);
        Assert.AreEqual(1 + -0.6484010815620422, Curve.Of(StepLR(100).WithNoise(), 1, 2)[1], 1e-15);
        Assert.AreNotEqual(1 + -0.6484010815620422, Curve.Of(StepLR(100).WithNoise(noisePct: 0.6), 1, 2)[1], 1e-3);
    }

    [TestMethod]
    public void Noise_leaves_the_schedule_within_as_it_was()
    {
        var quiet = ReduceLROnPlateau(factor: 0.5, patience: 1).WithWarmup(3);
        var noisy = quiet.WithNoise(noiseStart: 10, noiseEnd: 20, NoiseType.Uniform, noisePct: 0.3, noiseSeed: 7);
        var metrics = Enumerable.Repeat(1.0, 30).ToArray();
        var (with, without) = (noisy.Preview(30, 1, [0.1], metrics).Rates(), quiet.Preview(30, 1, [0.1], metrics).Rates());
        for (var t = 0; t < 30; t++)
        {
            var isNoisy = t is >= 10 and < 20;
            Assert.AreEqual(isNoisy, with[t] != without[t], $"step {t}");
            Assert.AreEqual(without[t], with[t], isNoisy ? 0.3 * without[t] : 0, $"step {t}");
        }
    }

    [TestMethod]
    public void Noise_may_begin_and_end_with_parts_of_the_run()
    {
        var noise = CosineDecayLR(1.0).WithNoise(noiseStart: 0.4, noiseEnd: 0.9);
        Assert.AreEqual(CosineDecayLR(50).WithNoise(noiseStart: 20, noiseEnd: 45), noise.ForRun(50, 1));
        Assert.AreEqual(noise, LrSchedule.Parse("NoiseLR(CosineDecayLR(1.0), 0.4, 0.9)"));
    }

    private static IEnumerable<(object, LrSchedule, double)> All()
    {
        var random = new Random(20260801);
        for (var i = 0; i < CasesPerRule; i++)
        {
            yield return Greedy(random);
            yield return Keras(random);
            yield return Paddle(random);
            yield return Timm(random);
        }

        foreach (var rate in new[] { 2.0, 1.9, 0.5 })
            foreach (var (tol, epochs) in new[] { (1e-2, 1), (1e-3, 2), (3e-2, 5) })
                yield return (
                    new { rule = "sgd", lrs = (double[])[rate], tol, n_iter_no_change = epochs, epochs = 80 },
                    ReduceLROnPlateau(factor: 0.2, patience: epochs, threshold: tol, thresholdMode: ThresholdMode.Abs, eps: 8e-7,
                        counting: PatienceCounting.ScikitLearn),
                    // The rates are taken from differences of weights.
                    1e-6);
        for (var seed = 0; seed < 9; seed++)
            yield return (
                new
                {
                    rule = "mlp",
                    lrs = (double[])[0.05 * (seed + 1)],
                    tol = 1e-3 * (seed % 3 + 1),
                    n_iter_no_change = seed + 1,
                    epochs = 150,
                    seed,
                },
                ReduceLROnPlateau(factor: 0.2, patience: seed + 2, threshold: 1e-3 * (seed % 3 + 1), thresholdMode: ThresholdMode.Abs,
                    eps: 8e-7, counting: PatienceCounting.ScikitLearn),
                1e-14);
    }

    private static (object, LrSchedule, double) Greedy(Random random)
    {
        var groups = random.Next(1, 3);
        var (max, abs, factor, patience) = (random.Next(2) == 0, random.Next(2) == 0, 0.3 + 0.65 * random.NextDouble(), random.Next(4));
        var (threshold, cooldown, warmup) = (0.05 * random.NextDouble(), random.Next(4), random.Next(4));
        var least = Enumerable.Range(0, groups).Select(_ => 0.05 * random.NextDouble()).ToArray();
        var most = Enumerable.Range(0, groups).Select(_ => 0.1 + random.NextDouble()).ToArray();
        var (eps, smooth, window, reset) = (random.Next(2) * 1e-3, random.Next(2) == 0, random.Next(1, 6), random.Next(1, 6));
        var rates = Enumerable.Range(0, groups).Select(_ => 0.1 + 0.1 * random.NextDouble()).ToArray();
        return (
            new
            {
                rule = "greedy",
                lrs = rates,
                mode = max ? "max" : "min",
                factor,
                patience,
                threshold,
                threshold_mode = abs ? "abs" : "rel",
                cooldown,
                warmup,
                min_lr = least,
                max_lr = most,
                eps,
                smooth,
                window_size = window,
                reset_start = reset,
                metrics = Metrics(random, 120),
            },
            GreedyLR(
                max ? PlateauMode.Max : PlateauMode.Min, factor, patience, threshold, abs ? ThresholdMode.Abs : ThresholdMode.Rel, cooldown,
                warmup, least, most, eps, smooth, window, reset),
            1e-15);
    }

    private static (object, LrSchedule, double) Keras(Random random)
    {
        var (max, factor, patience, threshold, cooldown) = (
            random.Next(2) == 0, random.NextDouble(), random.Next(4), 0.1 * random.NextDouble(), random.Next(4));
        var least = random.Next(2) * 0.01;
        return (
            new
            {
                rule = "keras",
                lrs = (double[])[0.1],
                mode = max ? "max" : "min",
                factor,
                patience,
                threshold,
                cooldown,
                min_lr = least,
                metrics = Metrics(random, 60),
            },
            ReduceLROnPlateau(
                max ? PlateauMode.Max : PlateauMode.Min, factor, patience, threshold, ThresholdMode.Abs, cooldown, least, eps: 0,
                counting: PatienceCounting.Keras),
            1e-15);
    }

    private static (object, LrSchedule, double) Paddle(Random random)
    {
        var (max, abs, factor, patience, threshold, cooldown) = (
            random.Next(2) == 0, random.Next(2) == 0, random.NextDouble(), random.Next(4), 0.1 * random.NextDouble(), random.Next(5));
        var (least, eps) = (random.Next(2) * 0.01, random.Next(2) * 1e-3);
        return (
            new
            {
                rule = "paddle",
                lrs = (double[])[0.1],
                mode = max ? "max" : "min",
                factor,
                patience,
                threshold,
                threshold_mode = abs ? "abs" : "rel",
                cooldown,
                min_lr = least,
                eps,
                metrics = Metrics(random, 60),
            },
            ReduceLROnPlateau(
                max ? PlateauMode.Max : PlateauMode.Min, factor, patience, threshold, abs ? ThresholdMode.Abs : ThresholdMode.Rel, cooldown,
                least, eps, counting: PatienceCounting.Paddle),
            1e-15);
    }

    private static (object, LrSchedule, double) Timm(Random random)
    {
        var (factor, patience, cooldown, pct) = (
            0.2 + 0.7 * random.NextDouble(), random.Next(4), random.Next(3), random.Next(4) == 0 ? 0.01 : random.NextDouble() * 0.9 + 0.1);
        var (start, end, seed, normal) = (random.Next(20), random.Next(20, 70), random.Next(), random.Next(2) == 0);
        return (
            new
            {
                rule = "timm",
                lrs = (double[])[0.1, 0.02],
                factor,
                patience,
                cooldown,
                start,
                end,
                seed,
                type = normal ? "normal" : "uniform",
                pct,
                metrics = Metrics(random, 60),
            },
            ReduceLROnPlateau(factor: factor, patience: patience, cooldown: cooldown)
                .WithNoise(start, end, normal ? NoiseType.Normal : NoiseType.Uniform, pct, seed),
            1e-12);
    }

    /// <summary>Positive metrics that fall, rise and stay, more often one than the other for some time.</summary>
    private static double[] Metrics(Random random, int count)
    {
        var (level, trend) = (5.0, 0.0);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            if (i % 12 == 0) trend = random.Next(3) - 1;
            if (random.Next(4) > 0) level *= Math.Exp(0.05 * (trend + random.NextDouble() - 0.5));
            return level;
        })];
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetDouble())];
}
