using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The strategy of a sweep: which trials it draws from a search space, and which of them it trains to the end.</summary>
/// <example>
/// <code>
/// var sweep = new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(trials: 27, reduction: 3) };
/// var study = mlContext.Regression.Trainers.Sweep(space, trainData, sweep);
/// </code>
/// </example>
public abstract record SweepStrategy
{
    private const int DefaultPoints = 5;

    private protected SweepStrategy()
    {
    }

    /// <summary>Creates a strategy that tries all combinations of values (grid search).</summary>
    /// <param name="points">
    /// The number of points per range, at least 1. They include both ends; a single point is the middle. Default: 5.
    /// </param>
    public static SweepStrategy Grid(int points = DefaultPoints) => new GridStrategy(Argument.AtLeast(points, 1, nameof(points)));

    /// <summary>
    /// Creates a strategy that draws values at random (random search). Source: Bergstra and Bengio, "Random search for hyper-parameter
    /// optimization", JMLR 2012.
    /// </summary>
    /// <param name="trials">The number of trials, at least 1. Default: 64.</param>
    public static SweepStrategy Random(int trials = 64) => new RandomStrategy(Argument.AtLeast(trials, 1, nameof(trials)));

    /// <summary>
    /// Creates a strategy that draws values at random and stops bad trials early. After <paramref name="minimumEpochs"/> epochs only the
    /// best 1/<paramref name="reduction"/> of the trials continue; the comparison is repeated each time the number of epochs has grown by
    /// the factor <paramref name="reduction"/>. Schedules have the length of a complete training. Source: Jamieson and Talwalkar,
    /// "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
    /// </summary>
    /// <param name="trials">The number of trials, at least 1. Default: 64.</param>
    /// <param name="reduction">The factor by which each comparison reduces the number of trials, at least 2. Default: 3.</param>
    /// <param name="minimumEpochs">The number of epochs before the first comparison, at least 1. Default: 1.</param>
    public static SweepStrategy SuccessiveHalving(int trials = 64, int reduction = 3, int minimumEpochs = 1) => new HalvingStrategy(
        Argument.AtLeast(trials, 1, nameof(trials)), Argument.AtLeast(reduction, 2, nameof(reduction)),
        Argument.AtLeast(minimumEpochs, 1, nameof(minimumEpochs)));

    /// <summary>
    /// Creates a strategy that runs successive halving in several brackets, from many trials that are mostly stopped early to few trials
    /// that are all trained to the end. Source: Li et al., "Hyperband", JMLR 2018.
    /// </summary>
    /// <param name="maximumEpochs">
    /// The number of epochs of a complete training, at least 1. Set it to the NumberOfEpochs of the options.
    /// </param>
    /// <param name="reduction">The factor by which each comparison reduces the number of trials, at least 2. Default: 3.</param>
    public static SweepStrategy Hyperband(int maximumEpochs, int reduction = 3) => new HyperbandStrategy(
        Argument.AtLeast(maximumEpochs, 1, nameof(maximumEpochs)), Argument.AtLeast(reduction, 2, nameof(reduction)));

    /// <summary>Describes which settings have no effect if the trials are a list of the user; null if all have one.</summary>
    /// <param name="given">The number of trials in the list; null if it is not known.</param>
    internal virtual string? WithoutEffectOn(int? given) => null;

    private static string? LeftOut(int? given, long most) => given > most
        ? $"Strategy has {most} trials: it trains the first {most} of the {given} of SweepSpace.Trials, and leaves out the others."
        : null;

    /// <summary>Returns the trials in lots. The trials of a lot are compared with each other.</summary>
    /// <param name="space">The search space.</param>
    /// <param name="seed">The seed of the draws.</param>
    internal abstract IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed)
        where TOptions : LinearTrainerOptions;

    private sealed record GridStrategy(int Points) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed) =>
            [new(space.All(Points), Rungs.None, space.GivenCount)];

        internal override string? WithoutEffectOn(int? given) => Points == DefaultPoints ? null
            : $"Strategy has no effect: Grid({Points}) sets the points of ranges, and SweepSpace.Trials has none. All its "
                + "trials are trained.";
    }

    private sealed record RandomStrategy(int Trials) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed) =>
            [new(space.Some(seed, 0, Trials), Rungs.None, Math.Min(Trials, space.GivenCount ?? Trials))];

        internal override string? WithoutEffectOn(int? given) =>
            $"Strategy draws nothing: Random({Trials}) trains the first {Trials} of SweepSpace.Trials, in their order. Leave Strategy out "
            + "for all of them, or draw options in SweepSpace.Of.";
    }

    private sealed record HalvingStrategy(int Trials, int Reduction, int MinimumEpochs) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed) =>
            [new(space.Some(seed, 0, Trials), new Rungs(MinimumEpochs, Reduction))];

        internal override string? WithoutEffectOn(int? given) => LeftOut(given, Trials);
    }

    private sealed record HyperbandStrategy(int MaximumEpochs, int Reduction) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed)
        {
            var first = 0;
            foreach (var (trials, power) in Brackets)
            {
                yield return new(space.Some(seed, first, trials), new Rungs((int)Math.Max(1, MaximumEpochs / power), Reduction));
                first += trials;
            }
        }

        internal override string? WithoutEffectOn(int? given) => LeftOut(given, Brackets.Sum(bracket => (long)bracket.Trials));

        private IEnumerable<(int Trials, long Power)> Brackets
        {
            get
            {
                var brackets = 0;
                for (long epochs = Reduction; epochs <= MaximumEpochs; epochs *= Reduction) brackets++;
                for (var bracket = brackets; bracket >= 0; bracket--)
                {
                    var power = (long)Math.Round(Math.Pow(Reduction, bracket));
                    yield return ((int)(((brackets + 1) * power - 1) / (bracket + 1) + 1), power);
                }
            }
        }
    }
}
