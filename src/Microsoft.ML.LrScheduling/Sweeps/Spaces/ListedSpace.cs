using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A search space that is the user's list of trials.</summary>
internal sealed class ListedSpace<TOptions>(IEnumerable<TOptions> trials) : SweepSpace<TOptions>
    where TOptions : LinearTrainerOptions, new()
{
    // The trials read so far. The list is read only once, and not before a trial is needed.
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
        // Copied, because the user's sequence may change and return the same object each time.
        _known.Add(_trials.Current?.Copy() is TOptions options
            ? new TrialDraft<TOptions>(trial, options, Differences(options))
            : new TrialDraft<TOptions>(trial, null, [], "It must have options. Received: null"));
        return true;
    }

    // Options about rows are omitted, because they are the same in all trials.
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

    // An object such as an optimizer is described by its ToString.
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
