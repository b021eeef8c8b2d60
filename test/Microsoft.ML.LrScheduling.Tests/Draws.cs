using FsCheck;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>
/// Holds a property against random draws. They are the same in each run, so that a run that passes does so again; with the environment
/// variable <c>LRSCHEDULING_DRAWS=new</c> they are others each time, which finds more. A failure names the seed.
/// </summary>
internal static class Draws
{
    private static readonly bool AreNew = Environment.GetEnvironmentVariable("LRSCHEDULING_DRAWS") == "new";

    public static void Hold(Property property, int count = 100)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(count);
        // FsCheck wants the second number odd.
        Check.One(AreNew ? config : config.WithReplay(20260101, 1), property);
    }
}
