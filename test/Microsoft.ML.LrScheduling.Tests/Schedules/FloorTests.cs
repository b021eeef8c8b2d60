using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>The least rate that a plateau's minLr or a floor leaves, alone and within compositions.</summary>
[TestClass]
public sealed class FloorTests
{
    [TestMethod]
    public void A_plateaus_least_rate_bounds_that_of_the_chain_it_is_in() => Curve.AssertIs(
        // A cut a step after the first metric, down to 0.04, and a tenth every other step: the product of both would come to 0.0004.
        [0.1, 0.1, 0.04, 0.04, 0.04, 0.04],
        Curve.OfMetrics(
            LrSchedule.ChainedScheduler(
                [LrSchedule.StepLR(2, gamma: 0.1), LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, minLr: 0.04)]),
            0.1, 1, 1, 1, 1, 1));
}
