using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A search space: the options of a trainer from which a sweep chooses.</summary>
/// <typeparam name="TOptions">The type of the trainer's options.</typeparam>
public abstract class SweepSpace<TOptions>
    where TOptions : LinearTrainerOptions
{
    private protected SweepSpace()
    {
    }

    /// <summary>Returns the type of the options as text.</summary>
    public override string ToString() => $"search space of {PropertyText.Name(typeof(TOptions))}";

    /// <summary>The strategy if the options of the sweep have none.</summary>
    internal abstract SweepStrategy DefaultStrategy { get; }

    /// <summary>The number of trials in the user's list; null if trials are drawn, or if the length of the list is not known yet.</summary>
    internal virtual int? GivenCount => null;

    /// <summary>Whether the trials are a list of the user, so that nothing is drawn.</summary>
    internal virtual bool IsGiven => false;

    /// <summary>Returns all trials.</summary>
    /// <param name="points">The number of points in a range.</param>
    internal abstract IEnumerable<TrialDraft<TOptions>> All(int points);

    /// <summary>Returns a part of an endless sequence of trials, or fewer if there are not enough.</summary>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="first">The number of the first trial.</param>
    /// <param name="count">The number of trials.</param>
    internal abstract IEnumerable<TrialDraft<TOptions>> Some(int seed, int first, int count);
}

/// <summary>Creates search spaces.</summary>
public static class SweepSpace
{
    /// <summary>Creates a search space from a function.</summary>
    /// <param name="configure">
    /// The function that returns the options of a trial. It asks the <see cref="Draw"/> for the value of each hyperparameter. Which
    /// hyperparameters it asks for can depend on the values of others.
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
    /// Creates a search space from attributes of Microsoft.ML.SearchSpace: <c>[Range]</c>, <c>[Choice]</c> and <c>[BooleanChoice]</c>, and
    /// <c>[NestOption]</c> for a property whose type has such properties. AutoML's <c>SearchSpace&lt;T&gt;</c> reads the same attributes.
    /// </summary>
    /// <typeparam name="T">
    /// The class whose properties have the attributes: the options of a trainer, whose learning rate and L2 penalty have attributes, or
    /// your own class.
    /// </typeparam>
    /// <typeparam name="TOptions">The type of the trainer's options.</typeparam>
    /// <param name="configure">
    /// The function that creates options from an object whose properties have been drawn. The name of a hyperparameter is the name of its
    /// property in camelCase, such as <c>schedule.gamma</c>.
    /// </param>
    /// <exception cref="ArgumentException">There is no property with an attribute, or an attribute does not fit its property.</exception>
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
        // Draws once, so that attributes which no trial could use are rejected now.
        AttributeSpace.Configure<T>(new GridDraw(points: 1, []));
        return new DrawnSpace<TOptions>(draw => configure(AttributeSpace.Configure<T>(draw)));
    }

    /// <summary>
    /// Creates a search space from JSON: the options of a trainer with hyperparameters in place of values, at any depth.
    /// </summary>
    /// <param name="json">
    /// Options in the format that <see cref="LinearTrainerOptions.ToJson"/> writes. In place of a value you can write <c>{"$range": [0.1,
    /// 0.9]}</c>, <c>{"$logRange": [1e-4, 1]}</c>, <c>{"$integers": [2, 10]}</c>, <c>{"$logIntegers": [16, 1024]}</c>, or <c>{"$choice":
    /// [value, …]}</c>. The values of a choice can contain hyperparameters too. The name of a hyperparameter is its path, such as
    /// <c>learningRateSchedule.gamma</c>.
    /// </param>
    /// <exception cref="JsonException">The text is not JSON or not a valid search space. The message contains the position.</exception>
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
    /// Creates a search space from your own list of trials. They run in the order of the list; if the strategy has a number of trials,
    /// only the first ones run. The sweep reads the list while it trains, <see cref="SweepOptions.TrialsTogether"/> trials at a time, so
    /// that later trials can depend on what <see cref="SweepOptions.Progress"/> reported for earlier trials.
    /// </summary>
    /// <param name="trials">The options of each trial. The options that differ from their defaults identify the trial in reports.</param>
    public static SweepSpace<TOptions> Trials<TOptions>(IEnumerable<TOptions> trials)
        where TOptions : LinearTrainerOptions, new()
    {
        ArgumentNullException.ThrowIfNull(trials);
        return new ListedSpace<TOptions>(trials);
    }
}
