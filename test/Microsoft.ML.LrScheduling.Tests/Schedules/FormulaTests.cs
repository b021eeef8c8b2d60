using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Kinds that PyTorch lacks, and ends of those that it has, against formulas of another form than the code's.</summary>
[TestClass]
public sealed class FormulaTests
{
    private static readonly Gen<int> Count = Gen.Choose(1, 15);

    private static readonly Gen<double> Fraction = Gen.Choose(0, 1000).Select(n => n / 1000.0);

    [TestMethod]
    public void InverseTimeLR_divides_by_what_has_been_added_up() => Hold(
        from rate in Fraction
        from steps in Count
        from staircase in Gen.Elements(false, true)
        select (rate, steps, staircase),
        draw =>
        {
            var (divisor, stair) = (1.0, 1.0);
            Curve.AssertIs(
                step =>
                {
                    divisor = 1 + draw.rate / draw.steps * step;
                    if (step % draw.steps == 0) stair = divisor;
                    return 0.3 / (draw.staircase ? stair : divisor);
                },
                Curve.Of(LrSchedule.InverseTimeLR(draw.rate, draw.steps, draw.staircase), 0.3, 60));
        });

    [TestMethod]
    public void InverseSquareRootLR_is_that_of_the_transformer() => Hold(
        Count,
        // Vaswani et al. have scale · min(n^-0.5, n · w^-1.5); the scale that makes its highest rate 0.3 is 0.3 · √w.
        warmup => Curve.AssertIs(
            step => 0.3 * Math.Sqrt(warmup) * Math.Min(Math.Pow(step + 1, -0.5), (step + 1) * Math.Pow(warmup, -1.5)),
            Curve.Of(LrSchedule.InverseSquareRootLR(warmup), 0.3, 60)));

    [TestMethod]
    public void WarmupStableDecayLR_falling_in_a_line_goes_through_four_points() => Hold(
        from warmup in Count
        from stable in Count
        from decay in Count
        from start in Fraction
        from end in Fraction
        select (warmup, stable, decay, start, end),
        draw =>
        {
            var (top, fall) = (draw.warmup, draw.warmup + draw.stable);
            var points = LrSchedule.PiecewiseLR([0, top, fall, fall + draw.decay], [draw.start, 1, 1, draw.end], Interpolation.Linear);
            var schedule = LrSchedule.WarmupStableDecayLR(top, draw.decay, draw.stable, draw.start, draw.end, RampType.Linear);
            Curve.AssertIs(Curve.Of(points, 0.3, 60), Curve.Of(schedule, 0.3, 60));
        });

    [TestMethod]
    public void WarmupStableDecayLR_falling_along_a_cosine_is_a_sequence() => Hold(
        from warmup in Count
        from stable in Count
        from decay in Count
        from end in Fraction
        select (warmup, stable, decay, end),
        draw =>
        {
            var (line, cosine) =
                (LrSchedule.LinearLR(0.01, totalIters: draw.warmup), LrSchedule.CosineAnnealingLR(draw.decay, 0.3 * draw.end));
            var sequence = LrSchedule.SequentialLR([line, LrSchedule.ConstantLR(1), cosine], [draw.warmup, draw.warmup + draw.stable]);
            // The cosine rises again after its end, where the other stays.
            var steps = draw.warmup + draw.stable + draw.decay + 1;
            var schedule = LrSchedule.WarmupStableDecayLR(draw.warmup, draw.decay, draw.stable, endFactor: draw.end);
            Curve.AssertIs(Curve.Of(sequence, 0.3, steps), Curve.Of(schedule, 0.3, steps));
            Assert.AreEqual(0.3 * draw.end, Curve.Of(schedule, 0.3, steps + 50)[^1], 1e-15);
        });

    [TestMethod]
    public void WarmupStableDecayLR_may_lack_any_phase()
    {
        Curve.AssertIs([1, 1, 1], Curve.Of(LrSchedule.WarmupStableDecayLR(0, 0, 3), 1, 3));
        Curve.AssertIs([0, 0, 0], Curve.Of(LrSchedule.WarmupStableDecayLR(0, 0, 0), 1, 3));
        Curve.AssertIs([1, 0.5, 0, 0], Curve.Of(LrSchedule.WarmupStableDecayLR(0, 2, 0), 1, 4));
        Curve.AssertIs([0.5, 0.75, 0.2, 0.2], Curve.Of(LrSchedule.WarmupStableDecayLR(2, 0, 0, startFactor: 0.5, endFactor: 0.2), 1, 4));
    }

    [TestMethod]
    public void PiecewiseLR_goes_through_its_points() => Hold(
        from count in Gen.Choose(1, 5)
        from milestones in Gen.Choose(0, 40).ArrayOf(count)
        from factors in Fraction.ArrayOf(count)
        select (Milestones: milestones.Order().ToArray(), Factors: factors),
        draw =>
        {
            var points = draw.Milestones.Zip(draw.Factors).ToArray();
            Curve.AssertIs(
                step => 0.3 * points.LastOrDefault(point => point.First <= step, points[0]).Second,
                Curve.Of(LrSchedule.PiecewiseLR([.. draw.Milestones], draw.Factors), 0.3, 50));
            Curve.AssertIs(
                step =>
                {
                    var (from, first) = points.LastOrDefault(point => point.First <= step, points[0]);
                    var (to, second) = points.FirstOrDefault(point => point.First > step, points[^1]);
                    return 0.3 * (to <= from || step <= from ? first : (first * (to - step) + second * (step - from)) / (to - from));
                },
                Curve.Of(LrSchedule.PiecewiseLR([.. draw.Milestones], draw.Factors, Interpolation.Linear), 0.3, 50));
        });

    [TestMethod]
    public void A_line_is_a_polynomial_of_power_one_and_a_piece()
    {
        var line = Curve.Of(LrSchedule.LinearLR(1, 0, totalIters: 13), 0.3, 20);
        Curve.AssertIs(line, Curve.Of(LrSchedule.PolynomialLR(13), 0.3, 20));
        Curve.AssertIs(line, Curve.Of(LrSchedule.PiecewiseLR([0, 13], [1, 0], Interpolation.Linear), 0.3, 20));
    }

    [TestMethod]
    public void CosineAnnealingLR_rises_again_after_its_minimum_and_is_the_same_a_period_later()
    {
        var rates = Curve.Of(LrSchedule.CosineAnnealingLR(10, etaMin: 0.05), 0.3, 100);
        Curve.AssertIs(step => rates[Math.Min(step % 20, 20 - step % 20)], rates);
        Assert.AreEqual(0.05, rates[10], 1e-16);
    }

    [TestMethod]
    [DataRow(7, 1.0)]
    [DataRow(1, 3.0)]
    [DataRow(5, 10.0)]
    [DataRow(100, 1.2)]
    public void Warm_restarts_come_where_the_periods_add_up_to(int t0, double tMult)
    {
        // As PyTorch counts: each period is tMult times as long as the one before. The number of a period is a quotient of logarithms,
        // which is just too small at some restarts: ln 243 / ln 3 is 4.999….
        var (start, length) = (0.0, (double)t0);
        Curve.AssertIs(
            step =>
            {
                if (step >= start + length - 1e-9) (start, length) = (start + length, length * tMult);
                return 0.1 + (0.5 - 0.1) * Math.Pow(Math.Cos(Math.PI / 2 * (step - start) / length), 2);
            },
            Curve.Of(LrSchedule.CosineAnnealingWarmRestarts(t0, tMult, etaMin: 0.1), 0.5, 500));
    }

    [TestMethod]
    public void Warm_restarts_are_found_in_one_jump()
    {
        var schedule = LrSchedule.CosineAnnealingWarmRestarts(1, tMult: 3);
        for (long restart = 1; restart < int.MaxValue; restart = 3 * restart + 1)
        {
            var scheduler = schedule.Start(0.5);
            scheduler.StepTo(restart);
            Assert.AreEqual(0.5, scheduler.LearningRates[0], $"step {restart}");
            if (restart == 1) continue;
            scheduler = schedule.Start(0.5);
            scheduler.StepTo(restart - 1);
            Assert.IsTrue(scheduler.LearningRates[0] < 0.25, $"step {restart - 1}");
        }

        // Period 6,882 begins at step 2,064,861,652.23, by t0 · (tMult^6882 − 1) / (tMult − 1); the logarithms have it begin earlier.
        var late = LrSchedule.CosineAnnealingWarmRestarts(300_038, tMult: 1.000000000019073).Start(0.5);
        late.StepTo(2_064_861_652);
        Assert.AreEqual(0, late.LearningRates[0], 1e-9);
        late.Step();
        Assert.AreEqual(0.5, late.LearningRates[0], 1e-9);
    }

    [TestMethod]
    public void CosineAnnealingLR_is_a_square_of_a_sine_however_long() => Hold(
        Gen.Choose(1, 5000),
        // Near the minimum (1 + cos) / 2 has few digits left; the square of the sine has all.
        tMax => Curve.AssertIs(
            step => Math.Pow(Math.Sin(Math.PI / 2 * (tMax - step) / tMax), 2),
            Curve.Of(LrSchedule.CosineAnnealingLR(tMax), 1, tMax + 1)));

    [TestMethod]
    public void PolynomialLR_is_a_power_of_what_is_left() => Hold(
        from totalIters in Gen.Choose(1, 3000)
        from power in Gen.Choose(1, 100000).Select(n => n / 1000.0)
        select (totalIters, power),
        draw => Curve.AssertIs(
            step => Math.Pow(Math.Max(0, 1 - (double)step / draw.totalIters), draw.power),
            Curve.Of(LrSchedule.PolynomialLR(draw.totalIters, draw.power), 1, draw.totalIters + 2)));

    [TestMethod]
    public void PolynomialLR_has_the_bits_of_plain_arithmetic_whatever_the_runtime_has_compiled() => Hold(
        from totalIters in Gen.Choose(1, 3000)
        from power in Gen.Choose(1, 100000).Select(n => n / 1000.0)
        select (totalIters, power),
        draw =>
        {
            var curve = Curve.Of(LrSchedule.PolynomialLR(draw.totalIters, draw.power), 1, draw.totalIters);
            for (var step = 0; step < draw.totalIters; step++)
            {
                var expected = draw.power == 1 ? 1 - (double)step / draw.totalIters
                    : Power(1 - (double)step / draw.totalIters, draw.power);
                Assert.AreEqual(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(curve[step]), $"step {step}");
            }

            // x^p = exp(p · ln x) by the series of artanh and exp: each operation is rounded by itself, as IEEE 754 has it.
            static double Power(double x, double power)
            {
                var bits = BitConverter.DoubleToInt64Bits(x);
                var exponent = bits - 0x3FE6A09E667F3BCD >> 52;
                var m = BitConverter.Int64BitsToDouble(bits - (exponent << 52));
                var s = (m - 1) / (m + 1);
                var series = 0.0;
                for (var i = 9; i >= 0; i--) series = i == 9 ? 1.0 / 19 : series * (s * s) + 1.0 / (2 * i + 1);
                var y = Math.Max(
                    (exponent * 0.693147180369123816490 + (exponent * 1.90821492927058770002e-10 + s * 2 * series)) * power, -760);
                var n = Math.Floor(y * 1.4426950408889634 + 0.5);
                var r = y - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10;
                var sum = 0.0;
                for (var i = 13; i >= 0; i--) sum = (i == 13 ? 0 : sum * r) + 1 / Enumerable.Range(1, i).Aggregate(1.0, (p, k) => p * k);
                return sum * Math.ScaleB(1, (int)n >> 1) * Math.ScaleB(1, (int)n - ((int)n >> 1));
            }
        });

    [TestMethod]
    public void A_power_in_a_lambda_is_that_of_the_maths_library_however_far()
    {
        foreach (var text in new[]
            { "0.5 ** epoch", "0.999999 ** epoch", "1.000001 ** epoch", "3 ** (epoch - 2)", "4 ** (epoch / 4)", "0 ** epoch" })
        {
            var function = ScheduleFunction.Parse(text);
            // 16,777,216 is where the tables end.
            foreach (var epoch in new[] { 0, 1, 2, 3, 255, 256, 257, 1000, 65_535, 65_536, 1_234_567, 16_777_215, 16_777_216, 16_777_217 })
            {
                var exponent = text.Contains('-') ? epoch - 2 : text.Contains('/') ? epoch / 4.0 : epoch;
                var expected = Math.Pow(double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture), exponent);
                if (double.IsInfinity(expected)) Assert.AreEqual(expected, function.Invoke(epoch), text);
                else Assert.AreEqual(expected, function.Invoke(epoch), 2e-15 * expected, $"{text} at {epoch}");
            }
        }
    }

    [TestMethod]
    public void OneCycleLR_holds_its_last_rate_and_momentum()
    {
        foreach (var threePhase in new[] { false, true })
        {
            var (rates, momenta) = Curve.OfRun(
                LrSchedule.OneCycleLR(1, totalSteps: 12, threePhase: threePhase), 0.1, epochs: 1, batches: 100);
            Curve.AssertIs(_ => 1 / 25.0 / 1e4, rates[11..]);
            Curve.AssertIs(_ => 0.95, momenta[11..]);
            Assert.IsTrue(rates[10] > rates[11]);
        }
    }

    [TestMethod]
    public void A_metric_that_is_none_is_an_error_or_nothing_by_policy()
    {
        double[] metrics = [2, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 3];
        var plateau = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0);
        Curve.AssertIs([1, 1, 0.5, 0.25, 0.125, 0.0625], Curve.OfMetrics(plateau, 1, metrics));
        Curve.AssertIs([1, 1, 1, 1, 1, 0.5], Curve.OfMetrics(plateau with { NanPolicy = NanPolicy.Ignore }, 1, metrics));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Curve.OfMetrics(plateau with { NanPolicy = NanPolicy.Throw }, 1, metrics));
        StringAssert.Contains(error.Message, "became NaN");
    }

    private static void Hold<T>(Gen<T> draws, Action<T> property) =>
        Draws.Hold(Prop.ForAll(draws.ToArbitrary(), property), 300);
}
