namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>The files in the folder Data, and what tests need of the machine.</summary>
internal static class TestData
{
    /// <summary>The path of a file in the folder Data.</summary>
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);
}
