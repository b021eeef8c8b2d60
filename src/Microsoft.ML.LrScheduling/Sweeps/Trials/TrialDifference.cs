using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Checks whether a trial is the same as the one in a journal.</summary>
internal static class TrialDifference
{
    private const int LongestShown = 500;

    /// <summary>Describes the first difference; null if there is none.</summary>
    public static string? Between<TOptions>(TrialDraft<TOptions> draft, JournalTrial known) where TOptions : LinearTrainerOptions
    {
        // Converted to text and back, as in the journal, because some characters change by this.
        var drawn = JsonNode.Parse(JournalTrial.Values(draft.Hyperparameters).ToJsonString());
        var was = JournalTrial.Values(known.Hyperparameters);
        if (!AreSame(drawn, was)) return $"had {Shown(was)} and has {Shown(drawn!)}";
        if (draft.Failure is not null)
            return known.Failure is null ? $"was trained, and now cannot be trained: {draft.Failure}" : null;
        return ChangedOption(draft.Options!, known.History) is var (name, before, now)
            ? $"had {name} {before} and has {now}" : null;
    }

    private static string Shown(JsonNode values) => OneLine.Short(values.ToJsonString(), LongestShown);

    // Options that are not hyperparameters can have changed too.
    private static (string Name, string Was, string Now)? ChangedOption(LinearTrainerOptions options, TrainingHistory history)
    {
        var journalled = history.Options;
        var own = (JsonObject)JsonNode.Parse(options.ToJsonWithoutDelegates(), documentOptions: ScheduleJson.Document)!;
        var other = journalled.Length == 0 ? [] : (JsonObject)JsonNode.Parse(journalled, documentOptions: ScheduleJson.Document)!;
        var names = own.Concat(other).Select(option => option.Key)
            .Where(name => !OptionEffects.WithoutEffect.Contains(name));
        foreach (var name in names)
            if (!AreEqual(own[name], other[name]))
                return (name, other[name]?.ToJsonString() ?? "not set", own[name]?.ToJsonString() ?? "not set");
        // The JSON of options omits a schedule with a delegate. The history has its text.
        (string Option, string? Was, LrSchedule? Now)[] schedules =
        [
            (nameof(options.LearningRateSchedule), history.ScheduleText, options.LearningRateSchedule),
            (nameof(options.BiasLearningRateSchedule), history.BiasScheduleText, options.BiasLearningRateSchedule),
        ];
        foreach (var (option, was, now) in schedules)
            if (OptionsJson.NameOf(option) is var name && own[name] is null && was != now?.ToString())
                return (name, was ?? "none", now?.ToString() ?? "none");
        return null;
    }

    // Objects, such as schedules, are compared as text, because a length of 1.0 differs from a length of 1.
    private static bool AreEqual(JsonNode? own, JsonNode? other) =>
        own is JsonObject && other is JsonObject ? own.ToJsonString() == other.ToJsonString() : AreSame(own, other);

    private static bool AreSame(JsonNode? own, JsonNode? other)
    {
        try
        {
            return JsonNode.DeepEquals(own, other);
        }
        // Thrown for a number whose exponent does not fit into 32 bits. No number that the library writes has such an exponent.
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
