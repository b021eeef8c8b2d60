using System.Globalization;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The names under which bytes are kept.</summary>
internal static class GrainNames
{
    /// <summary>The trials of a batch.</summary>
    public static string Trials(string study, string batch) => $"{study}/{batch}";

    /// <summary>The results of some trials of a batch.</summary>
    public static string Results(string study, string batch, int first, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{study}/{batch}/{first}-{count}");
}
