using System.Reflection;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>The subsets declare nothing that the packages do not: programs that build against them build against the packages.</summary>
[TestClass]
public sealed class ApiListingTests
{
    [TestMethod]
    [DataRow("Microsoft.ML.Subset", "Microsoft.ML-5.0.0.txt")]
    [DataRow("TorchSharp.Subset", "TorchSharp.txt")]
    public void A_subset_declares_only_what_its_package_does(string assemblyName, string listing)
    {
        var assembly = LoadOrNull(assemblyName);
        if (assembly is null) Assert.Inconclusive($"{assemblyName} is not part of this build: it was made with the packages.");
        var known = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "api", listing)).ToHashSet(StringComparer.Ordinal);

        var declared = ApiListing.Of(assembly);

        Assert.IsGreaterThan(100, declared.Count);
        Assert.AreEqual("", string.Join("\n", declared.Where(line => !known.Contains(line))));
    }

    private static Assembly? LoadOrNull(string name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
