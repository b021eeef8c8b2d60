using Microsoft.ML.LrScheduling.Trainers;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a sweep chooses from: the options of a trainer as a function of hyperparameters.</summary>
/// <typeparam name="TOptions">The options of the trainer.</typeparam>
public sealed class SearchSpace<TOptions>
    where TOptions : LinearTrainerOptions
{
    private readonly Func<Draw, TOptions> _configure;

    internal SearchSpace(Func<Draw, TOptions> configure) => _configure = configure;

    /// <summary>The options of a trial.</summary>
    internal TOptions Configure(Draw draw) => _configure(draw) ?? throw new InvalidOperationException("A search space must give options. Received: null");
}

/// <summary>Makes search spaces.</summary>
public static class SearchSpace
{
    /// <summary>A search space in code.</summary>
    /// <param name="configure">Gives the options of a trial; asks for the value of each hyperparameter, and may ask for others depending on what it gets.</param>
    /// <example>
    /// <code>
    /// var space = SearchSpace.Of(draw => new TorchLinearRegressionTrainer.Options
    /// {
    ///     LearningRate = draw.LogRange("rate", 1e-4, 1),
    ///     LearningRateSchedule = draw.Choice("schedule", "constant", "step", "cosine") switch
    ///     {
    ///         "step" => LrSchedule.StepLR(draw.Integer("stepSize", 2, 10), draw.Range("gamma", 0.1, 0.9)),
    ///         "cosine" => LrSchedule.CosineAnnealingLR(tMax: 20),
    ///         _ => null,
    ///     },
    /// });
    /// </code>
    /// </example>
    public static SearchSpace<TOptions> Of<TOptions>(Func<Draw, TOptions> configure)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(configure);
        return new SearchSpace<TOptions>(configure);
    }

    /// <summary>A search space as JSON: options in which hyperparameters stand in place of values, at any depth.</summary>
    /// <param name="json">
    /// Options as <see cref="LinearTrainerOptions.ToJson"/> gives them. In place of a value may stand <c>{"$range": [0.1, 0.9]}</c>, <c>{"$logRange": [1e-4, 1]}</c>,
    /// <c>{"$integers": [2, 10]}</c>, or <c>{"$choice": [value, …]}</c>, whose values may have hyperparameters again. A hyperparameter is called by the way that leads to it, such
    /// as <c>learningRateSchedule.gamma</c>.
    /// </param>
    /// <exception cref="JsonException">The text is not JSON, or not such a space; the message says where.</exception>
    public static SearchSpace<TOptions> FromJson<TOptions>(string json)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(json);
        var template = JsonSpace.Parse(json);
        var space = new SearchSpace<TOptions>(draw => OptionsJson.Read<TOptions>(JsonSpace.Configure(template, draw)));
        // What no trial could have is refused now: a first look at each decision.
        space.Configure(new GridDraw(points: 1, []));
        return space;
    }
}
