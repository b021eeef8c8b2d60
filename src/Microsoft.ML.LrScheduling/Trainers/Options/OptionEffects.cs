using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The effect of options: on the rows that are read, on the models that train together, or none on the result.</summary>
internal static class OptionEffects
{
    /// <summary>The options that decide which rows are read.</summary>
    public static ImmutableArray<(string Name, Func<LinearTrainerOptions, object?> Value)> RowOptions { get; } =
    [
        (nameof(LinearTrainerOptions.LabelColumnName), o => o.LabelColumnName),
        (nameof(LinearTrainerOptions.FeatureColumnName), o => o.FeatureColumnName),
        (nameof(LinearTrainerOptions.ExampleWeightColumnName), o => o.ExampleWeightColumnName),
        (nameof(LinearTrainerOptions.ValidationFraction), o => o.ValidationFraction),
        (nameof(LinearTrainerOptions.ValidationSplit), o => o.ValidationSplit),
        (nameof(LinearTrainerOptions.SamplingKeyColumnName), o => o.SamplingKeyColumnName),
        (nameof(LinearTrainerOptions.InvalidRows), o => o.InvalidRows),
        (nameof(LinearTrainerOptions.MemoryLimitMB), o => o.MemoryLimitMB),
        (nameof(LinearTrainerOptions.Seed), o => o.Seed),
        (nameof(LinearTrainerOptions.Standardize), o => o.Standardize),
    ];

    /// <summary>
    /// The options, by their name in JSON, that do not change the result of training once the rows are read: a memory limit changes only
    /// the order of rows, and invalid rows are no longer there.
    /// </summary>
    public static ImmutableArray<string> WithoutEffect { get; } =
    [
        OptionsJson.NameOf(nameof(LinearTrainerOptions.MemoryLimitMB)),
        OptionsJson.NameOf(nameof(LinearTrainerOptions.Cancellation)),
        OptionsJson.NameOf(nameof(LinearTrainerOptions.InvalidRows)),
    ];

    /// <summary>The settings that are equal in all models that train together.</summary>
    /// <param name="options">The options of one of the models.</param>
    /// <param name="isSparse">Whether the rows are sparse: the L1 penalty of SGD is then exact only if no model has a momentum.</param>
    public static object SharedOn(this LinearTrainerOptions options, bool isSparse) => (
        (options.BatchSize, options.TrainingLoss, options.Optimizer.Kind, options.Shuffle, options.ChosenEngine, options.Device),
        isSparse && options.L1Regularization > 0
            && options.Optimizer is Sgd { Momentum: 0 } && !options.Schedules.Any(schedule => schedule is { CyclesMomentum: true }));
}
