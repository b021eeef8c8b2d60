using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Trials of the user's own.</summary>
internal sealed class ListedSpace<TOptions>(IEnumerable<TOptions> trials) : SweepSpace<TOptions>
    where TOptions : LinearTrainerOptions, new()
{
    // Each is asked for once, and no earlier than it is needed.
    private readonly List<TrialDraft<TOptions>> _known = [];
    private readonly IEnumerator<TOptions> _trials = trials.GetEnumerator();

    internal override SweepStrategy DefaultStrategy => SweepStrategy.Grid();

    internal override int? GivenCount { get; } = trials.TryGetNonEnumeratedCount(out var count) ? count : null;

    internal override bool IsGiven => true;

    internal override IEnumerable<TrialDraft<TOptions>> All(int points)
    {
        for (var trial = 0; Has(trial); trial++) yield return _known[trial];
    }

    internal override IEnumerable<TrialDraft<TOptions>> Some(int seed, int first, int count) => All(points: 0).Skip(first).Take(count);

    private bool Has(int trial)
    {
        if (trial < _known.Count) return true;
        if (!_trials.MoveNext()) return false;
        // What gives the trials may change one object of options, and give it again and again.
        _known.Add(_trials.Current?.Copy() is TOptions options
            ? new TrialDraft<TOptions>(trial, options, Differences(options))
            : new TrialDraft<TOptions>(trial, null, [], "It must have options. Received: null"));
        return true;
    }

    // What all trials of a sweep have alike says nothing of any.
    private static List<Hyperparameter> Differences(TOptions options)
    {
        var differences = new List<Hyperparameter>();
        var defaults = (JsonObject)JsonNode.Parse(new TOptions().ToJson())!;
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(
            options.ToJsonWithoutDelegates(), documentOptions: ScheduleJson.Document)!)
        {
            if (!OptionEffects.RowOptions.Any(option => OptionsJson.NameOf(option.Name) == name)
                && !IsSchedule(name) && !JsonNode.DeepEquals(value, defaults[name]))
            {
                differences.Add(new Hyperparameter(
                    name, TextOf(options, name, value),
                    value is JsonValue number && number.TryGetValue<double>(out var parsed) ? parsed : null));
            }
        }

        Add(nameof(options.LearningRateSchedule), options.LearningRateSchedule);
        Add(nameof(options.BiasLearningRateSchedule), options.BiasLearningRateSchedule);
        return differences;

        void Add(string property, LrSchedule? schedule)
        {
            if (schedule is not null) differences.Add(new Hyperparameter(OptionsJson.NameOf(property), $"{schedule}", null));
        }
    }

    // Settings of their own, such as those of an optimizer, as they say themselves.
    private static string TextOf(TOptions options, string name, JsonNode? value) => value switch
    {
        null => Hyperparameter.None,
        JsonValue => $"{value}",
        _ => $"{typeof(TOptions).GetProperties().First(property => OptionsJson.NameOf(property.Name) == name).GetValue(options)}",
    };

    private static bool IsSchedule(string name) =>
        name == OptionsJson.NameOf(nameof(LinearTrainerOptions.LearningRateSchedule))
            || name == OptionsJson.NameOf(nameof(LinearTrainerOptions.BiasLearningRateSchedule));
}
