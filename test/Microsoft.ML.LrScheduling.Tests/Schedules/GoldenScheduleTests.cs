namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Data/schedules.jsonl holds 990 configurations and the rates and momenta that the schedulers of PyTorch's newest version gave for them;
/// the whole curves have to be ours.
/// </summary>
[TestClass]
public sealed class GoldenScheduleTests
{
    private static readonly Lazy<ILookup<string, PyTorchCase>> Cases =
        new(() => File.ReadLines(TestData.PathOf("schedules.jsonl")).Select(PyTorchCase.Read).ToLookup(golden => golden.Kind));

    [TestMethod]
    [DataRow("LambdaLR", 67)]
    [DataRow("MultiplicativeLR", 67)]
    [DataRow("StepLR", 67)]
    [DataRow("MultiStepLR", 67)]
    [DataRow("ConstantLR", 67)]
    [DataRow("LinearLR", 67)]
    [DataRow("ExponentialLR", 67)]
    [DataRow("PolynomialLR", 67)]
    [DataRow("CosineAnnealingLR", 67)]
    [DataRow("CosineAnnealingWarmRestarts", 66)]
    [DataRow("CyclicLR", 66)]
    [DataRow("OneCycleLR", 66)]
    [DataRow("ReduceLROnPlateau", 56)]
    [DataRow("SequentialLR", 66)]
    [DataRow("ChainedScheduler", 67)]
    public void Rates_and_momenta_are_those_of_PyTorch(string kind, int count)
    {
        Assert.AreEqual(count, Cases.Value[kind].Count());
        foreach (var golden in Cases.Value[kind]) golden.AssertIsOurs();
    }

    [TestMethod]
    public void All_cases_are_of_a_kind_above() => Assert.AreEqual((990, 15), (Cases.Value.Sum(kind => kind.Count()), Cases.Value.Count));
}
