using System.Globalization;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The names under which bytes are stored.</summary>
internal static class GrainNames
{
    /// <summary>The trials of a batch.</summary>
    public static string Trials(string study, string batch) => $"{study}/{batch}";

    /// <summary>The state of a trial, by its index in the batch.</summary>
    public static string State(string study, string batch, int place) =>
        string.Create(CultureInfo.InvariantCulture, $"{study}/{batch}/state{place}");

    /// <summary>The results of some trials of a batch.</summary>
    public static string Results(string study, string batch, int first, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{study}/{batch}/{first}-{count}");
}
