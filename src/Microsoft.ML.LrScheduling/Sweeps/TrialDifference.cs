using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Whether a trial is the one that a journal tells of.</summary>
internal static class TrialDifference
{
    /// <summary>What differs, in words; null if nothing does.</summary>
    public static string? Between<TOptions>(TrialDraft<TOptions> draft, JournalTrial known) where TOptions : LinearTrainerOptions
    {
        // As they come back, where some characters do not.
        var drawn = JsonNode.Parse(JournalTrial.Values(draft.Hyperparameters).ToJsonString());
        var was = JournalTrial.Values(known.Hyperparameters);
        if (!JsonNode.DeepEquals(drawn, was)) return $"had {was.ToJsonString()} and has {drawn!.ToJsonString()}";
        if (draft.Failure is not null)
            return known.Failure is null ? $"was trained and cannot be: {draft.Failure}" : null;
        return ChangedOption(draft.Options!, known.History.Options) is var (name, before, now)
            ? $"had {name} {before} and has {now}" : null;
    }

    // What is no hyperparameter may have been changed as well.
    private static (string Name, string Was, string Now)? ChangedOption(LinearTrainerOptions options, string journalled)
    {
        var own = (JsonObject)JsonNode.Parse(options.ToJsonWithoutDelegates(), documentOptions: ScheduleJson.Document)!;
        var other = journalled.Length == 0 ? [] : (JsonObject)JsonNode.Parse(journalled, documentOptions: ScheduleJson.Document)!;
        var names = own.Concat(other).Select(option => option.Key)
            .Where(name => !LinearTrainerOptions.WithoutEffect.Contains(name));
        foreach (var name in names)
            if (!JsonNode.DeepEquals(own[name], other[name]))
                return (name, other[name]?.ToJsonString() ?? "not set", own[name]?.ToJsonString() ?? "not set");
        return null;
    }
}
