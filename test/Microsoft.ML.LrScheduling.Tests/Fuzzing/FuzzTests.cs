namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

[TestClass]
public sealed class FuzzTests
{
    public static IEnumerable<object[]> Readers => Fuzzer.Readers.Select(reader => new object[] { reader.Name });

    [TestMethod]
    [DynamicData(nameof(Readers))]
    public void Mutated_inputs_are_refused_as_documented_or_read_and_used(string name)
    {
        var reader = Fuzzer.Readers.Single(reader => reader.Name == name);
        var result = Fuzzer.Run(reader, count: reader.IsSlow ? 40 : 400, seed: 1, begin: _ => { });
        Assert.AreEqual("", string.Join('\n', result.Faults));
        Assert.IsLessThan(Fuzzer.LongestTime.TotalMilliseconds, result.Slowest);
        // The mutations leave some inputs readable, and make some that are not: neither way goes untried.
        Assert.IsGreaterThan(0, result.Refused);
    }
}
