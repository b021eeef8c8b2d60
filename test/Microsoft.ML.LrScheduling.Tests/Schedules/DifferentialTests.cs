using System.Text.Json.Nodes;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Fresh configurations against PyTorch itself, where it is installed (Debian: <c>apt-get install python3-torch</c>, which is 1.13). What
/// differs, and is left out of the comparison, has an example each in Data/torch_differences.jsonl:
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>case</term><description>PyTorch; ours</description></listheader>
/// <item><term>CyclicLR of Adam's beta1</term><description>1.13 refuses it, newer versions and ours cycle it</description></item>
/// <item><term>a chained part that sets the rate: a lambda, warm restarts, a cycle, a cosine with a minimum or past its end</term>
/// <description>it undoes what the parts before it did; ours multiplies</description></item>
/// <item><term>a relative threshold with a negative best</term>
/// <description>the bar is on the wrong side of the best; ours on the right one</description></item>
/// <item><term>OneCycleLR at totalSteps</term><description>the rate rises again; ours holds the last one</description></item>
/// <item><term>a milestone 0 of SequentialLR</term>
/// <description>the second scheduler is a step behind; ours begins with it</description></item>
/// <item><term>ConstantLR with totalIters 0</term><description>the factor holds for ever; ours, for no step</description></item>
/// <item><term>OneCycleLR in SequentialLR</term><description>it changes the initial rates of the others; ours does not</description></item>
/// <item><term>plateaus and composites in SequentialLR</term>
/// <description>an error while it runs, or as it is made; ours runs</description></item>
/// </list>
/// </remarks>
[TestClass]
public sealed class DifferentialTests
{
    private const int Count = 2000;

    private const int Seed = 20240229;

    private static readonly string[] Differences = File.ReadAllLines(TestData.PathOf("torch_differences.jsonl"));

    private static readonly Lazy<(string[]? Lines, string Version)> Torch = new(() =>
    {
        var configurations = new TorchConfigurations(Seed);
        var fresh = Enumerable.Range(0, Count).Select(id => configurations.Next(id).ToJsonString());
        return Python.Run("torch_schedules.py", Differences.Concat(fresh));
    });

    [TestMethod]
    public void Fresh_configurations_give_the_rates_and_momenta_of_PyTorch()
    {
        var lines = Lines()[Differences.Length..];
        Assert.AreEqual(Count, lines.Length);
        foreach (var line in lines)
        {
            Assert.IsFalse(Json(line).ContainsKey("error"), line);
            PyTorchCase.Read(line).AssertIsOurs();
        }
    }

    [TestMethod]
    public void What_is_listed_as_a_difference_still_differs()
    {
        Assert.HasCount(13, Differences);
        foreach (var line in Lines()[..Differences.Length])
        {
            var theirs = Json(line);
            if (!theirs.ContainsKey("error"))
            {
                if (IsNewer && line.Contains("\"CyclicLR of Adam\"", StringComparison.Ordinal)) continue;
                Assert.ThrowsExactly<AssertFailedException>(() => PyTorchCase.Read(line).AssertIsOurs(), $"no longer a difference: {line}");
                continue;
            }

            // Where PyTorch gives an error, ours gives rates.
            theirs["lrs"] = new JsonArray();
            theirs.Remove("momenta");
            var ours = PyTorchCase.Read(theirs.ToJsonString());
            var scheduler = ours.Schedule.Start(ours.BaseRates);
            for (var step = 0; step < 9; step++) scheduler.Step(1.0);
            Assert.IsTrue(scheduler.LearningRates[0] > 0, line);
        }
    }

    private static bool IsNewer => !Torch.Value.Version.StartsWith("1.", StringComparison.Ordinal);

    private static string[] Lines()
    {
        if (Torch.Value.Lines is null) Assert.Inconclusive($"Nothing to compare with: {Torch.Value.Version}.");
        return Torch.Value.Lines!;
    }

    private static JsonObject Json(string line) => JsonNode.Parse(line)!.AsObject();
}
