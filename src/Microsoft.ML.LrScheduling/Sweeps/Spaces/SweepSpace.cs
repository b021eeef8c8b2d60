using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a sweep chooses from: options of a trainer.</summary>
/// <typeparam name="TOptions">The options of the trainer.</typeparam>
public abstract class SweepSpace<TOptions>
    where TOptions : LinearTrainerOptions
{
    private protected SweepSpace()
    {
    }

    /// <summary>What options it is of.</summary>
    public override string ToString() => $"search space of {PropertyText.Name(typeof(TOptions))}";

    /// <summary>The strategy of a sweep that names none.</summary>
    internal abstract SweepStrategy DefaultStrategy { get; }

    /// <summary>All trials.</summary>
    /// <param name="points">The points of a range.</param>
    internal abstract IEnumerable<TrialDraft<TOptions>> All(int points);

    /// <summary>Some trials of an endless sequence of them, or as many as there are.</summary>
    /// <param name="seed">What chance follows from.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="count">How many.</param>
    internal abstract IEnumerable<TrialDraft<TOptions>> Some(int seed, int first, int count);
}

/// <summary>Makes search spaces.</summary>
public static class SweepSpace
{
    /// <summary>A search space in code.</summary>
    /// <param name="configure">
    /// Gives the options of a trial; asks for the value of each hyperparameter, and may ask for others depending on what it gets.
    /// </param>
    /// <example>
    /// <code>
    /// var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
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
    public static SweepSpace<TOptions> Of<TOptions>(Func<Draw, TOptions> configure)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(configure);
        return new DrawnSpace<TOptions>(configure);
    }

    /// <summary>
    /// A search space as attributes of Microsoft.ML.SearchSpace: <c>[Range]</c>, <c>[Choice]</c>, <c>[BooleanChoice]</c>, and
    /// <c>[NestOption]</c> for a property that has such properties itself. AutoML's <c>SearchSpace&lt;T&gt;</c> reads the same ones.
    /// </summary>
    /// <typeparam name="T">
    /// The class whose properties have the attributes: options of a trainer, whose learning rate and L2 penalty have some, or a class of
    /// the user's own.
    /// </typeparam>
    /// <typeparam name="TOptions">The options of the trainer.</typeparam>
    /// <param name="configure">
    /// Makes options of an object whose properties have been drawn. A hyperparameter is called as its property, in camelCase:
    /// <c>schedule.gamma</c>.
    /// </param>
    /// <exception cref="ArgumentException">There is no such property, or an attribute does not fit its property.</exception>
    /// <example>
    /// <code>
    /// var space = SweepSpace.FromAttributes((TorchLinearRegressionTrainer.Options options) =>
    /// {
    ///     options.LabelColumnName = "Price";
    ///     return options;
    /// });
    /// </code>
    /// </example>
    public static SweepSpace<TOptions> FromAttributes<T, TOptions>(Func<T, TOptions> configure)
        where T : class, new()
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(configure);
        // What no trial could have is refused now: a first look at each decision.
        AttributeSpace.Configure<T>(new GridDraw(points: 1, []));
        return new DrawnSpace<TOptions>(draw => configure(AttributeSpace.Configure<T>(draw)));
    }

    /// <summary>A search space as JSON: options in which hyperparameters stand in place of values, at any depth.</summary>
    /// <param name="json">
    /// Options as <see cref="LinearTrainerOptions.ToJson"/> gives them. In place of a value may stand <c>{"$range": [0.1, 0.9]}</c>,
    /// <c>{"$logRange": [1e-4, 1]}</c>, <c>{"$integers": [2, 10]}</c>, <c>{"$logIntegers": [16, 1024]}</c>, or
    /// <c>{"$choice": [value, …]}</c>, whose values may have hyperparameters again. A hyperparameter is called by the way that leads to
    /// it, such as <c>learningRateSchedule.gamma</c>.
    /// </param>
    /// <exception cref="JsonException">The text is not JSON, or not such a space; the message says where.</exception>
    public static SweepSpace<TOptions> FromJson<TOptions>(string json)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(json);
        var template = JsonSpace.Parse(json);
        var space = new DrawnSpace<TOptions>(draw => OptionsJson.Read<TOptions>(JsonSpace.Configure(template, draw)));
        space.Configure(new GridDraw(points: 1, []));
        return space;
    }

    /// <summary>
    /// Trials of the user's own: each of them in its order, or the first ones where a strategy wants only so many. They are asked for as
    /// they are trained, <see cref="SweepOptions.TrialsTogether"/> at a time, so that later ones may follow from what
    /// <see cref="SweepOptions.Progress"/> told of earlier ones.
    /// </summary>
    /// <param name="trials">The options of each trial. What of them is not as by default is what the trial is known by.</param>
    public static SweepSpace<TOptions> Trials<TOptions>(IEnumerable<TOptions> trials)
        where TOptions : LinearTrainerOptions, new()
    {
        ArgumentNullException.ThrowIfNull(trials);
        return new ListedSpace<TOptions>(trials);
    }
}
