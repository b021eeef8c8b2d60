using Microsoft.ML.LrScheduling.Schedules;
using static System.Math;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Schedules of other libraries against their formulas, which stand here as those libraries compute them.</summary>
[TestClass]
public sealed class LibraryFormulaTests
{
    private const double Base = 0.3;

    [TestMethod]
    public void Warmup_from_zero_is_that_of_Hugging_Face()
    {
        // get_constant_schedule_with_warmup: step / warmup, then 1.
        AssertIs(t => Min(1, t / 8.0), ConstantLR(1).WithWarmup(8, startFactor: 0));
        AssertIs(t => Min(1, t / 8.0), LinearLR(startFactor: 0, totalIters: 8));
        Assert.AreEqual(0.0, LinearLR(startFactor: 0).Start(1).LearningRates[0]);
    }

    [TestMethod]
    public void A_warmup_without_prefix_is_that_of_timm() =>
        // CosineLRScheduler(t_initial=50, lr_min=0.01, warmup_t=5, warmup_lr_init=0.001): the cosine is at step 5 when its turn comes.
        AssertIs(
            t => (t < 5 ? 0.001 + t * (Base - 0.001) / 5 : 0.01 + 0.5 * (Base - 0.01) * (1 + Cos(PI * Min(t, 50) / 50.0))) / Base,
            SequentialLR([LinearLR(0.001 / Base, totalIters: 5), CosineDecayLR(50, 0.01 / Base) with { StartStep = 5 }], [5]));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_polynomial_is_that_of_Keras(bool cycle) => AssertIs(
        t =>
        {
            var (steps, step) = (12.0, (double)t);
            if (cycle) steps *= step == 0 ? 1 : Ceiling(step / steps);
            else step = Min(step, steps);
            return (1 - 0.1) * Pow(1 - step / steps, 1.5) + 0.1;
        },
        PolynomialLR(totalIters: 12, power: 1.5, endFactor: 0.1, cycle: cycle));

    [TestMethod]
    public void The_rate_for_averages_is_that_of_PyTorch()
    {
        // torch.optim.swa_utils.SWALR of torch 1.13 on SGD of rate 0.1, with swa_lr=0.02.
        AssertRates([0.1, 0.08828427124746191, 0.06, 0.0317157287525381, 0.02, 0.02], SWALR(0.02, annealEpochs: 4));
        AssertRates(
            [0.1, 0.07333333333333335, 0.046666666666666676, 0.02, 0.02], SWALR(0.02, annealEpochs: 3, AnnealStrategy.Linear));
        AssertRates([0.02, 0.02], SWALR(0.02, annealEpochs: 0));
        // From where the part before has come to: a tenth after two steps, and its third one is the first of this.
        AssertRates(
            [0.1, 0.1, 0.01, 0.01, 0.015, 0.02, 0.02],
            SequentialLR([StepLR(2), SWALR(0.02, annealEpochs: 2, AnnealStrategy.Linear)], milestones: [3]));
        // A plateau that was cut after two bad epochs.
        AssertRates(
            [0.1, 0.1, 0.05, 0.035, 0.02],
            SequentialLR([ReduceLROnPlateau(factor: 0.5, patience: 0), SWALR(0.02, annealEpochs: 2, AnnealStrategy.Linear)], [2]));

        static void AssertRates(double[] expected, LrSchedule schedule)
        {
            var scheduler = schedule.Start(0.1);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], scheduler.LearningRates[0], 1e-15, $"{schedule}, step {i}");
                scheduler.Step(1);
            }
        }
    }

    [TestMethod]
    public void A_schedule_begins_at_its_initial_rate_however_far_its_end_is()
    {
        foreach (var schedule in new LrSchedule[] { CosineDecayLR(5, endFactor: 1e16), PolynomialLR(5, endFactor: 1e16) })
            Assert.AreEqual(0.1, schedule.Start(0.1).LearningRates[0], $"{schedule}");
    }

    [TestMethod]
    public void A_polynomial_of_power_zero_stays() => AssertIs(_ => 1, PolynomialLR(totalIters: 5, power: 0));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Exponential_decay_is_that_of_Keras(bool staircase) => AssertIs(
        t => Pow(0.96, staircase ? Floor(t / 7.0) : t / 7.0), ExponentialLR(0.96, decaySteps: 7, staircase: staircase));

    [TestMethod]
    public void Exponential_decay_has_the_floor_of_Optax() => AssertIs(
        t => Max(0.2, Pow(0.8, t / 2.0)), ExponentialLR(0.8, decaySteps: 2).WithFloor(0.2 * Base));

    [TestMethod]
    [DataRow(RampType.Linear, RampType.Linear, 0.5)]
    [DataRow(RampType.Cos, RampType.Cos, 0.5)]
    [DataRow(RampType.Linear, RampType.Cos, 1.25)]
    [DataRow(RampType.OneMinusSqrt, RampType.OneMinusSqrt, 0.5)]
    public void Warmup_stable_decay_is_that_of_Hugging_Face(RampType rise, RampType fall, double cycles)
    {
        AssertIs(
            t =>
            {
                var (up, down) = (t / 8.0, (t - 18) / 20.0);
                double Scaled(double factor) => Max(0, factor * (1 - 0.1) + 0.1);
                if (t < 8)
                    return Scaled(rise switch
                    {
                        RampType.Linear => up,
                        RampType.Cos => 0.5 * (1 - Cos(PI * up)),
                        _ => 1 - Sqrt(1 - up),
                    });
                if (t < 18) return 1;
                return t >= 38 ? 0.1 : Scaled(fall switch
                {
                    RampType.Linear => 1 - down,
                    RampType.Cos => 0.5 * (1 + Cos(PI * cycles * 2 * down)),
                    _ => 1 - Sqrt(down),
                });
            },
            WarmupStableDecayLR(8, 20, 10, 0.1, 0.1, fall, rise, cycles));
    }

    [TestMethod]
    [DataRow(RampType.Linear)]
    [DataRow(RampType.Cos)]
    [DataRow(RampType.Exponential)]
    [DataRow(RampType.OneMinusSqrt)]
    public void Warmup_stable_decay_is_that_of_Megatron(RampType fall) => AssertIs(
        t =>
        {
            const double MinLr = 0.03;
            if (t <= 8) return (0.01 + (Base - 0.01) * t / 8) / Base;
            var ratio = (Min(t, 40) - 20) / 20.0;
            var coefficient = t <= 20 ? 1 : fall switch
            {
                RampType.Linear => 1 - ratio,
                RampType.Cos => 0.5 * (Cos(PI * ratio) + 1),
                RampType.Exponential => 2 * Pow(0.5, ratio) - 1,
                _ => 1 - Sqrt(ratio),
            };
            return t > 40 ? MinLr / Base : (MinLr + coefficient * (Base - MinLr)) / Base;
        },
        WarmupStableDecayLR(8, 20, 12, 0.01 / Base, 0.1, fall));

    [TestMethod]
    public void Warmup_stable_decay_is_the_tri_stage_of_fairseq() => AssertIs(
        t => t < 8 ? 0.01 + (1 - 0.01) * t / 8
            : t < 18 ? 1
            : t <= 38 ? Exp(Log(0.05) / 20 * (t - 18)) : 0.05,
        WarmupStableDecayLR(8, 20, 10, startFactor: 0.01, endFactor: 0.05, decayType: RampType.Geometric));

    [TestMethod]
    public void A_geometric_way_needs_an_end_above_zero() => StringAssert.StartsWith(
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => WarmupStableDecayLR(1, 2, 3, decayType: RampType.Geometric)).Message,
        "endFactor must be in (0, 1] if decayType is geometric. Received: 0");

    [TestMethod]
    [DataRow(1.0, 1.0, null)]
    [DataRow(1.0, 0.5, 3)]
    [DataRow(2.0, 0.5, 2)]
    [DataRow(1.5, 0.7, null)]
    [DataRow(1.1, 1.0, null)]
    public void Warm_restarts_are_those_of_timm(double mul, double decay, int? limit) => AssertIs(
        t =>
        {
            const double MinLr = 0.01;
            // timm takes the cycle from a logarithm, which is off where a restart falls on a step: here it is counted.
            var (i, start, length) = (0, 0.0, 6.0);
            while (t - start >= length - 1e-9) (i, start, length) = (i + 1, start + length, length * mul);
            var peak = Base * Pow(decay, i);
            return (i < (limit ?? int.MaxValue)
                ? MinLr + (peak - MinLr) * Pow(Sin(PI / 2 * (1 - Max(0, t - start) / length)), 2) : MinLr) / Base;
        },
        CosineAnnealingWarmRestarts(6, mul, 0.01, decay, limit));

    [TestMethod]
    public void Periods_that_grow_by_half_restart_where_they_end() => Assert.AreEqual(
        "0, 4, 10, 19, 33",
        // 4, 6, 9, 13.5, 20.25 steps: the fifth begins within step 32.
        string.Join(", ", Rises(CosineAnnealingWarmRestarts(4, 1.5), 40)));

    [TestMethod]
    public void A_cosine_that_stays_is_that_of_Optax_and_Keras()
    {
        // cosine_decay_schedule(init, decay_steps=20, alpha=0.1, exponent=2); CosineDecay is the same with exponent 1.
        AssertIs(t => (1 - 0.1) * Pow(0.5 * (1 + Cos(PI * Min(t, 20) / 20.0)), 2) + 0.1, CosineDecayLR(20, 0.1, exponent: 2));
        AssertIs(t => (1 - 0.1) * 0.5 * (1 + Cos(PI * Min(t, 20) / 20.0)) + 0.1, CosineDecayLR(20, 0.1));
        // timm with k_decay=1.5.
        AssertIs(
            t => t < 20 ? 0.1 + 0.9 * 0.5 * (1 + Cos(PI * Pow(t, 1.5) / Pow(20, 1.5))) : 0.1, CosineDecayLR(20, 0.1, kDecay: 1.5));
    }

    [TestMethod]
    public void A_hyperbolic_tangent_is_that_of_timm() => AssertIs(
        t => t < 30 ? 0.1 + 0.5 * (1 - 0.1) * (1 - Tanh(-7 * (1 - t / 30.0) + 3 * (t / 30.0))) : 0.1, TanhLR(30, endFactor: 0.1));

    [TestMethod]
    public void Points_along_cosines_are_those_of_Optax() => AssertIs(
        t =>
        {
            // piecewise_interpolate_schedule("cosine", init, {10: 0.5, 20: 0.2}): values 1, 0.5, 0.1.
            static double Between(double start, double end, double part) => end + (start - end) / 2 * (Cos(PI * part) + 1);
            return t < 10 ? Between(1, 0.5, t / 10.0) : t < 20 ? Between(0.5, 0.1, (t - 10) / 10.0) : 0.1;
        },
        PiecewiseLR([0, 10, 20], [1, 0.5, 0.1], Interpolation.Cosine));

    [TestMethod]
    public void A_cycle_may_begin_at_its_top() => Curve.AssertIs(
        [0.5, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1],
        Curve.Of(CyclicLR(0.1, 0.5, 2, mode: CyclicMode.Triangular2, cycleMomentum: false) with { StartStep = 2 }, 1, 7));

    [TestMethod]
    public void Inverse_square_roots_are_those_of_Noam_Hugging_Face_fairseq_and_scikit_learn()
    {
        // Noam: d^-0.5 · min(n^-0.5, n · w^-1.5) with n from 1; the highest rate is (d · w)^-0.5, at n = w.
        AssertIs(t => Sqrt(8) * Min(Pow(t + 1, -0.5), (t + 1) * Pow(8, -1.5)), InverseSquareRootLR(8));
        // get_inverse_sqrt_schedule(num_warmup_steps=8, timescale=20).
        AssertIs(t => t < 8 ? t / 8.0 : 1 / Sqrt((t + 20 - 8) / 20.0), InverseSquareRootLR(8, shift: 0, timescale: 20));
        // inverse_sqrt of fairseq, with warmup_init_lr of a tenth.
        AssertIs(
            t => t < 8 ? 0.1 + t * (1 - 0.1) / 8 : Sqrt(8) * Pow(t, -0.5), InverseSquareRootLR(8, shift: 0, startFactor: 0.1));
        // invscaling of scikit-learn's SGDRegressor: eta0 / t^0.25 with t from 1.
        AssertIs(t => 1 / Pow(t + 1, 0.25), InverseSquareRootLR(power: 0.25));
        // Caffe's inv: (1 + gamma · t)^-power.
        AssertIs(t => Pow(1 + 0.1 * t, -0.75), InverseSquareRootLR(0, shift: 0, timescale: 10, power: 0.75));
    }

    [TestMethod]
    public void A_factor_may_be_zero()
    {
        AssertIs(t => t < 3 ? 0 : 1, ConstantLR(0, 3));
        AssertIs(t => t == 0 ? 1 : 0, ExponentialLR(0));
        AssertIs(t => t < 3 ? 1 : 0, StepLR(3, gamma: 0));
        AssertIs(t => t < 3 ? 1 : 0, MultiStepLR([3, 5], gamma: 0));
    }

    private static void AssertIs(Func<int, double> factor, LrSchedule schedule)
    {
        var rates = Curve.Of(schedule, Base, 60);
        for (var step = 0; step < rates.Length; step++)
            // The formulas lose digits where they come near zero.
            Assert.AreEqual(Base * factor(step), rates[step], 1e-12 * Base * factor(step) + 1e-16, $"{schedule}, step {step}");
    }

    private static IEnumerable<int> Rises(LrSchedule schedule, int steps)
    {
        var rates = Curve.Of(schedule, 1, steps);
        return Enumerable.Range(0, steps).Where(step => step == 0 || rates[step] > rates[step - 1]);
    }
}
