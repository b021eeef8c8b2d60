using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What options decide: which rows are read, which models train together, or nothing of what is trained.</summary>
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
    /// The options, by their name in JSON, that change nothing of what is trained on rows that have been read: of a limit it matters only
    /// which rows there are, in which order, and of rows that are refused or left out there are none.
    /// </summary>
    public static ImmutableArray<string> WithoutEffect { get; } =
    [
        OptionsJson.NameOf(nameof(LinearTrainerOptions.MemoryLimitMB)),
        OptionsJson.NameOf(nameof(LinearTrainerOptions.Cancellation)),
        OptionsJson.NameOf(nameof(LinearTrainerOptions.InvalidRows)),
    ];

    /// <summary>What models have in common that train together on some rows.</summary>
    /// <param name="options">The options of one of them.</param>
    /// <param name="isSparse">Whether the rows are sparse: the L1 penalty is then exact for SGD only where none has a momentum.</param>
    public static object SharedOn(this LinearTrainerOptions options, bool isSparse) => (
        (options.BatchSize, options.TrainingLoss, options.Optimizer.Kind, options.Shuffle, options.ChosenEngine, options.Device),
        isSparse && options.L1Regularization > 0
            && options.Optimizer is Sgd { Momentum: 0 } && !options.Schedules.Any(schedule => schedule is { CyclesMomentum: true }));
}
