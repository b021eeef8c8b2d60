using System.Collections.Immutable;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What a checkpoint belongs to: training goes on only with the same settings and rows.</summary>
/// <param name="Settings">Each setting by its name, as text.</param>
/// <param name="Rows">What the rows are, in words.</param>
/// <param name="RowsHash">A hash of all rows.</param>
/// <param name="NumberOfEpochs">
/// The epochs of the run. Whether training goes on with another number of them depends on its schedules.
/// </param>
internal sealed record TrainingIdentity(
    ImmutableSortedDictionary<string, string> Settings, string Rows, string RowsHash, int NumberOfEpochs = 0)
{
    /// <summary>What differs from another but for the number of epochs, in words; null if nothing does.</summary>
    public string? DifferenceFrom(TrainingIdentity other)
    {
        var changed = Settings.Keys.Union(other.Settings.Keys)
            .Where(name => Settings.GetValueOrDefault(name) != other.Settings.GetValueOrDefault(name))
            .Select(name => $"{name} was {other.Settings.GetValueOrDefault(name) ?? "not set"} and is "
                + $"{Settings.GetValueOrDefault(name) ?? "not set"}").ToList();
        if (RowsHash != other.RowsHash)
            changed.Add(Rows == other.Rows ? $"the {Rows} have other values" : $"there were {other.Rows} and are {Rows}");
        return changed.Count == 0 ? null : string.Join("; ", changed);
    }
}
