using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Checks whether training can resume from a checkpoint. If not, it says why and what to do.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="identity">The identity of the current training.</param>
/// <param name="stepsPerEpoch">The number of minibatches in an epoch.</param>
internal sealed class CheckpointMatch(LinearTrainerOptions options, TrainingIdentity identity, int stepsPerEpoch)
{
    private string Folder => options.Checkpoints!.Folder;

    /// <summary>Returns why training cannot resume from a state; null if it can.</summary>
    /// <exception cref="InvalidDataException">The state has invalid content.</exception>
    public string? Refuse(TrainingState state) => OfSeed(state) ?? OfSettings(state) ?? OfLength(state);

    private string? OfSeed(TrainingState state) =>
        options.Seed is null && CheckpointIdentity.SeedOf(state.Identity) is { } seed && seed != CheckpointIdentity.SeedOf(identity)
            ? $"The checkpoints in '{Folder}' have the seed {seed}, and Options.Seed is null: the seed "
                + $"{CheckpointIdentity.SeedOf(identity)} was drawn from the MLContext. Set Options.Seed to {seed}."
            : null;

    private string? OfSettings(TrainingState state) =>
        identity.DifferenceFrom(state.Identity) is { } difference
            ? $"The checkpoints in '{Folder}' belong to another training: {difference}. Choose another folder, undo the change, or delete "
                + "the checkpoints."
            : null;

    private string? OfLength(TrainingState state)
    {
        var (epochs, before) = (identity.NumberOfEpochs, state.Identity.NumberOfEpochs);
        if (epochs == before) return null;
        if (before < 1) throw new InvalidDataException($"it is of a run of {Quantity.Of(before, "epoch")}.");
        if (TakesLength(before) is { } schedule)
            return $"The checkpoints in '{Folder}' belong to a run of {Quantity.Of(before, "epoch")}, NumberOfEpochs is {epochs}, "
                + $"and {schedule} takes its length from the run. "
                + (epochs < before
                    ? $"Set NumberOfEpochs to {before} to continue that run, or choose another folder for a run of "
                        + $"{Quantity.Of(epochs, "epoch")}."
                    : $"To continue, train the model of the {Quantity.Of(before, "epoch")} first, and pass its Model to Fit(trainData, "
                        + "validationData, initial) of a trainer with another folder.");
        var trained = state.Epoch + (state.Step > 0 ? 1 : 0);
        return epochs < trained
            ? $"NumberOfEpochs must be at least the {Quantity.Of(trained, "epoch")} of the checkpoints in '{Folder}'. Received: {epochs}. "
                + "Choose another folder, or delete the checkpoints."
            : null;
    }

    /// <summary>Describes a schedule that would be different in a run with the earlier number of epochs; null if there is none.</summary>
    private string? TakesLength(int before)
    {
        if (options.Schedules.Count == 0) return Falling(nameof(options.LearningRateSchedule));
        string[] names = [nameof(options.LearningRateSchedule), nameof(options.BiasLearningRateSchedule)];
        return options.Schedules.Zip(names, (schedule, name) => schedule is null ? Falling(name)
            : schedule.ForRun(before, stepsPerEpoch) == schedule.ForRun(identity.NumberOfEpochs, stepsPerEpoch) ? null
            : $"{name} ({schedule})").FirstOrDefault(name => name is not null);

        static string Falling(string name) => $"{name} (null, a line to zero)";
    }
}
