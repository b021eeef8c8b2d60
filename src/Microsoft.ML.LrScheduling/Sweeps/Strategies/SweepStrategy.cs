using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Which trials a sweep makes of a search space, and which of them it trains to their end.</summary>
/// <example>
/// <code>
/// var sweep = new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(trials: 27, reduction: 3) };
/// var study = mlContext.Regression.Trainers.Sweep(space, trainData, sweep);
/// </code>
/// </example>
public abstract record SweepStrategy
{
    private protected SweepStrategy()
    {
    }

    /// <summary>All combinations.</summary>
    /// <param name="points">The points of a range, at least 1, both ends included; of one the middle. Default: 5.</param>
    public static SweepStrategy Grid(int points = 5) => new GridStrategy(Argument.AtLeast(points, 1, nameof(points)));

    /// <summary>Values at random. Source: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012.</summary>
    /// <param name="trials">The trials, at least 1. Default: 64.</param>
    public static SweepStrategy Random(int trials = 64) => new RandomStrategy(Argument.AtLeast(trials, 1, nameof(trials)));

    /// <summary>
    /// Values at random; after <paramref name="minimumEpochs"/> epochs, and then each time after <paramref name="reduction"/> times as
    /// many, only one in <paramref name="reduction"/> goes on. Schedules are those of whole trainings. Source: Jamieson and Talwalkar,
    /// "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
    /// </summary>
    /// <param name="trials">The trials, at least 1. Default: 64.</param>
    /// <param name="reduction">One in how many goes on, at least 2. Default: 3.</param>
    /// <param name="minimumEpochs">The epochs of every trial, at least 1. Default: 1.</param>
    public static SweepStrategy SuccessiveHalving(int trials = 64, int reduction = 3, int minimumEpochs = 1) => new HalvingStrategy(
        Argument.AtLeast(trials, 1, nameof(trials)), Argument.AtLeast(reduction, 2, nameof(reduction)),
        Argument.AtLeast(minimumEpochs, 1, nameof(minimumEpochs)));

    /// <summary>
    /// Successive halving in brackets, from many trials of which most are left early to few that are all trained to their end. Source: Li
    /// et al., "Hyperband", JMLR 2018.
    /// </summary>
    /// <param name="maximumEpochs">The epochs of whole trainings, at least 1: what the options' NumberOfEpochs is.</param>
    /// <param name="reduction">One in how many goes on, at least 2. Default: 3.</param>
    public static SweepStrategy Hyperband(int maximumEpochs, int reduction = 3) => new HyperbandStrategy(
        Argument.AtLeast(maximumEpochs, 1, nameof(maximumEpochs)), Argument.AtLeast(reduction, 2, nameof(reduction)));

    /// <summary>The trials that are compared with one another, one lot after the other.</summary>
    /// <param name="space">What is chosen from.</param>
    /// <param name="seed">What chance follows from.</param>
    internal abstract IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed)
        where TOptions : LinearTrainerOptions;

    private sealed record GridStrategy(int Points) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed) =>
            [new(space.All(Points), Rungs.None)];
    }

    private sealed record RandomStrategy(int Trials) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed) =>
            [new(space.Some(seed, 0, Trials), Rungs.None)];
    }

    private sealed record HalvingStrategy(int Trials, int Reduction, int MinimumEpochs) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed) =>
            [new(space.Some(seed, 0, Trials), new Rungs(MinimumEpochs, Reduction))];
    }

    private sealed record HyperbandStrategy(int MaximumEpochs, int Reduction) : SweepStrategy
    {
        internal override IEnumerable<TrialLot<TOptions>> Lots<TOptions>(SweepSpace<TOptions> space, int seed)
        {
            var brackets = 0;
            for (long epochs = Reduction; epochs <= MaximumEpochs; epochs *= Reduction) brackets++;
            for (var (bracket, first) = (brackets, 0); bracket >= 0; bracket--)
            {
                var power = (long)Math.Round(Math.Pow(Reduction, bracket));
                var trials = (int)(((brackets + 1) * power - 1) / (bracket + 1) + 1);
                yield return new(space.Some(seed, first, trials), new Rungs((int)Math.Max(1, MaximumEpochs / power), Reduction));
                first += trials;
            }
        }
    }
}
