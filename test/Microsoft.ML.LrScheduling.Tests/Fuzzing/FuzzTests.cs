namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    public void Mutated_inputs_are_read_or_refused_with_a_documented_exception()
    {
        var (faults, counts) = new Fuzzer().Run(count: 8000, seed: 1);
        Assert.AreEqual("", string.Join('\n', faults.Take(10)));
        // The mutations leave some inputs readable, and make some that are not: neither way goes untried.
        foreach (var count in counts) Assert.IsFalse(count.Contains(" 0 refused", StringComparison.Ordinal), count);
    }
}
