using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>A trial that has not ended, as stored in the file next to a journal: its training state and its hyperparameters.</summary>
internal static class StandingTrial
{
    private const string Hyperparameters = "hyperparameters", Options = "options", Schedule = "schedule", BiasSchedule = "biasSchedule";

    /// <summary>Adds the hyperparameters to a state.</summary>
    public static TrainingState With(TrainingState state, IEnumerable<Hyperparameter> drawn) => state with
    {
        Identity = state.Identity with
        {
            Settings = state.Identity.Settings.SetItem(Hyperparameters, JournalTrial.Values(drawn).ToJsonString()),
        },
    };

    /// <summary>Removes the hyperparameters from a state.</summary>
    public static TrainingState Without(TrainingState state) =>
        state with { Identity = state.Identity with { Settings = state.Identity.Settings.Remove(Hyperparameters) } };

    /// <summary>Creates the trial from a state; null if the state does not belong to the study, or is not valid.</summary>
    /// <param name="number">The number of the trial.</param>
    /// <param name="state">The state.</param>
    /// <param name="study">The study.</param>
    public static JournalTrial? Of(int number, TrainingState state, JournalStudy study)
    {
        if (number < 0 || state is not { Ended: null, Epoch: > 0 } || state.Identity.RowsHash != study.RowsHash
            || state.Epochs.Count != state.Epoch || state.Epochs.Where((epoch, i) => epoch.Epoch != i + 1).Any())
            return null;
        try
        {
            var settings = state.Identity.Settings;
            var drawn = (JsonObject)JsonNode.Parse(settings[Hyperparameters])!;
            var trial = new JournalTrial(
                number, [.. drawn.Select(value => JournalTrial.Drawn(value.Key, JsonSerializer.SerializeToElement(value.Value)))],
                Score: null, Failure: null,
                new TrainingHistory
                {
                    Epochs = state.Epochs,
                    StopReason = StopReason.Cancelled,
                    BestEpoch = BestEpoch.EpochOf(state.Best),
                    Trainer = study.Trainer,
                    Options = settings[Options],
                    ScheduleText = TextOf(Schedule),
                    BiasScheduleText = TextOf(BiasSchedule),
                },
                Weights: null);
            return trial with
            {
                History = trial.History with { Schedule = trial.OptionsOf()?.LearningRateSchedule },
                Score = trial.ExpectedScore(study.Metric),
            };

            string? TextOf(string name) => settings.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is KeyNotFoundException or JsonException or InvalidDataException or InvalidCastException
            or InvalidOperationException or ArgumentException or FormatException or IOException)
        {
            return null;
        }
    }
}
