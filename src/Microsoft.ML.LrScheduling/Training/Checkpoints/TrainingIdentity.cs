using System.Collections.Immutable;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The settings and rows of a training. Training resumes from a checkpoint only if they are the same.</summary>
/// <param name="Settings">The value of each setting as text, by its name.</param>
/// <param name="Rows">A description of the rows, such as their number, for messages.</param>
/// <param name="RowsHash">A hash of all rows.</param>
/// <param name="NumberOfEpochs">
/// The number of epochs in the run. Whether training can resume with a different number depends on its schedules.
/// </param>
internal sealed record TrainingIdentity(
    ImmutableSortedDictionary<string, string> Settings, string Rows, string RowsHash, int NumberOfEpochs = 0)
{
    /// <summary>Describes the differences, except for the number of epochs; null if there are none.</summary>
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
