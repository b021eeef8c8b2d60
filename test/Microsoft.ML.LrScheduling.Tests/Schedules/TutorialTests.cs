using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>The examples that a newcomer knows from PyTorch's documentation and tutorials.</summary>
[TestClass]
public sealed class TutorialTests
{
    [TestMethod]
    public void LambdaLR_may_rise() => Curve.AssertIs([0, 0.01, 0.02, 0.03, 0.04], Curve.Of(LrSchedule.LambdaLR("epoch / 10"), 0.1, 5));

    [TestMethod]
    public void MultiplicativeLR_goes_on_from_the_rate_before() =>
        Curve.AssertIs([0.1, 0.095, 0.09025, 0.0857375], Curve.Of(LrSchedule.MultiplicativeLR("0.95"), 0.1, 4));

    [TestMethod]
    public void StepLR_cuts_every_thirty_epochs() =>
        Curve.AssertIs(epoch => epoch < 30 ? 0.05 : epoch < 60 ? 0.005 : 0.0005, Curve.Of(LrSchedule.StepLR(30, gamma: 0.1), 0.05, 90));

    [TestMethod]
    public void MultiStepLR_cuts_at_each_milestone() =>
        Curve.AssertIs(
            epoch => epoch < 30 ? 0.05 : epoch < 80 ? 0.005 : 0.0005, Curve.Of(LrSchedule.MultiStepLR([30, 80], 0.1), 0.05, 120));

    [TestMethod]
    public void ExponentialLR_is_StepLR_of_every_step() => Curve.AssertIs(
        Curve.Of(LrSchedule.StepLR(stepSize: 1, gamma: 0.9), 0.7, 100), Curve.Of(LrSchedule.ExponentialLR(gamma: 0.9), 0.7, 100));

    [TestMethod]
    public void ReduceLROnPlateau_forgives_two_epochs_and_cuts_after_the_third() =>
        Curve.AssertIs(
            [1, 1, 1, 1, 1, 0.1, 0.1], Curve.OfMetrics(LrSchedule.ReduceLROnPlateau(factor: 0.1, patience: 2), rate: 1, 5, 4, 4, 4, 4, 3));

    [TestMethod]
    public void SequentialLR_decays_after_a_constant() => Curve.AssertIs(
        [0.1, 0.1, 1, 0.9, 0.81, 0.729],
        Curve.Of(LrSchedule.SequentialLR([LrSchedule.ConstantLR(0.1, totalIters: 2), LrSchedule.ExponentialLR(0.9)], [2]), 1, 6));

    [TestMethod]
    public void ChainedScheduler_decays_during_a_constant() => Curve.AssertIs(
        [0.1, 0.09, 0.81, 0.729, 0.6561, 0.59049],
        Curve.Of(LrSchedule.ChainedScheduler([LrSchedule.ConstantLR(0.1, totalIters: 2), LrSchedule.ExponentialLR(0.9)]), 1, 6));

    [TestMethod]
    public void Two_groups_have_a_lambda_each_and_a_loop_reads_the_rate_after_each_epoch()
    {
        var scheduler = LrSchedule.LambdaLR("0.5 ** (epoch // 30)", "0.95 ** epoch").Start(0.1, 1.0);
        for (var epoch = 0; epoch < 90; epoch++)
        {
            Assert.AreEqual(0.1 * Math.Pow(0.5, epoch / 30), scheduler.LearningRates[0], 1e-15);
            Assert.AreEqual(Math.Pow(0.95, epoch), scheduler.LearningRates[1], 1e-15);
            scheduler.Step();
        }
    }
}
