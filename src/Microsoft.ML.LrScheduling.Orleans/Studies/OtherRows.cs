using System.Text.Json;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The messages with which a study refuses a sweep of other rows, of another trainer or with another folder.</summary>
internal static class OtherRows
{
    /// <summary>Returns the message, which also says what to do.</summary>
    /// <param name="study">The name of the study.</param>
    /// <param name="known">The rows of the study.</param>
    /// <param name="received">The rows of the sweep.</param>
    /// <param name="isUnderWay">Whether the study has clients.</param>
    public static string Refusal(string study, StudyRows known, StudyRows received, bool isUnderWay)
    {
        var what = $"{nameof(OrleansWorkers)}.{nameof(OrleansWorkers.Study)} must be a name that no sweep of another trainer or of other "
            + $"rows has. Received: {study}, the name of a sweep that {(isUnderWay ? "is under way" : "ended early and can go on")}.";
        var end = isUnderWay ? "wait for its end" : "run that sweep to its end first";
        return $"{what} It has {Text(known)}; this sweep has {Text(received)}. {Difference(known, received)} "
            + $"Choose another name, or {end}.";
    }

    /// <summary>Returns the message to a sweep of the same rows, whose files are in another folder than those of a sweep under way.</summary>
    /// <param name="study">The name of the study.</param>
    /// <param name="known">The rows of the study.</param>
    /// <param name="received">The rows of the sweep.</param>
    public static string FolderRefusal(string study, StudyRows known, StudyRows received) =>
        $"{nameof(OrleansWorkers)}.{nameof(OrleansWorkers.Folder)} must be that of the sweep that is under way in the study {study}, "
        + $"{Path.GetDirectoryName(known.Training)}. Received: {Path.GetDirectoryName(received.Training)}. Set it to the same folder, wait "
        + $"for the end of that sweep, or choose another {nameof(OrleansWorkers)}.{nameof(OrleansWorkers.Study)}.";

    // 16 digits of the hash are enough to tell rows apart.
    private static string Text(StudyRows rows) => $"a {rows.Trainer} on {rows.Text}, hash {rows.Hash[..Math.Min(rows.Hash.Length, 16)]}";

    private static string Difference(StudyRows known, StudyRows received)
    {
        if (known.Trainer != received.Trainer) return "The trainers differ.";
        try
        {
            var (own, others) = (OptionsOf(received), OptionsOf(known));
            string[] differ =
            [
                .. from option in OptionEffects.RowOptions
                   where !Equals(option.Value(own), option.Value(others))
                   select $"{option.Name} is {Shown(option.Value(others))} there, and {Shown(option.Value(own))} here",
            ];
            return differ.Length == 0
                ? "The options that decide about the rows are the same: the data or the features differ."
                : $"{string.Join("; ", differ)}.";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "The options that decide about the rows cannot be compared, which another version of LrScheduling may have written.";
        }

        static LinearTrainerOptions OptionsOf(StudyRows rows) => TrainerKinds.ReadOptions(rows.Trainer, rows.Options);

        static string Shown(object? value) => value is null ? "null" : FormattableString.Invariant($"{value}");
    }
}
