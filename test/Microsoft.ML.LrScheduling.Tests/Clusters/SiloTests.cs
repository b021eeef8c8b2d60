using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Orleans.TestingHost;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Tests of sweeps in two silos of this process, which all tests of a class share.</summary>
public abstract class SiloTests : JournaledTests
{
    private static InProcessTestCluster? _cluster;

    public TestContext TestContext { get; set; } = null!;

    /// <summary>The silos.</summary>
    private protected static InProcessTestCluster Cluster => _cluster!;

    /// <summary>What the grains of the silos keep.</summary>
    private protected static SharedStorage Storage { get; private set; } = new();

    /// <summary>The workers of a test, with a study and a folder of its own.</summary>
    private protected OrleansWorkers Workers =>
        new(Cluster.Client) { Study = TestContext.TestName, Folder = Path.Combine(_folder.FullName, "rows") };

    [ClassInitialize(InheritanceBehavior.BeforeEachDerivedClass)]
    public static async Task StartCluster(TestContext context)
    {
        Storage = new SharedStorage();
        _cluster = await EmbeddedCluster.StartAsync(Storage, context.CancellationToken);
    }

    [ClassCleanup(InheritanceBehavior.BeforeEachDerivedClass)]
    public static async Task StopCluster() => await Cluster.DisposeAsync();
}
