using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A search space that is a function from a <see cref="Draw"/> to options.</summary>
internal sealed class DrawnSpace<TOptions>(Func<Draw, TOptions> configure) : SweepSpace<TOptions>
    where TOptions : LinearTrainerOptions
{
    internal override SweepStrategy DefaultStrategy => SweepStrategy.Random();

    /// <summary>Creates the options of a trial.</summary>
    public TOptions Configure(Draw draw) =>
        configure(draw) ?? throw new InvalidOperationException("A search space must give options. Received: null");

    internal override IEnumerable<TrialDraft<TOptions>> All(int points)
    {
        var trial = 0;
        for (IEnumerable<(int, int)>? decisions = []; decisions is not null;)
        {
            var draw = new GridDraw(points, decisions);
            yield return TrialDraft<TOptions>.Of(trial++, draw, Configure);
            decisions = draw.Following;
        }
    }

    internal override IEnumerable<TrialDraft<TOptions>> Some(int seed, int first, int count)
    {
        for (var trial = first; trial < first + count; trial++)
            yield return TrialDraft<TOptions>.Of(trial, new RandomDraw(seed, trial), Configure);
    }
}
