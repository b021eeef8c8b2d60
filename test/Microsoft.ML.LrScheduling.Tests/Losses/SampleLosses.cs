using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Tests.Losses;

/// <summary>Losses of every kind, with the settings that they have: the general tests of losses go through all of them.</summary>
internal static class SampleLosses
{
    public static readonly Loss[] All =
    [
        RegressionLoss.Squared(), RegressionLoss.Absolute(), RegressionLoss.Huber(0.5), RegressionLoss.Poisson(),
        RegressionLoss.Quantile(0.9), BinaryLoss.Logistic(), BinaryLoss.Hinge(), BinaryLoss.SquaredHinge(),
        MulticlassLoss.CrossEntropy(), MulticlassLoss.CrossEntropy(labelSmoothing: 0.2),
    ];
}
