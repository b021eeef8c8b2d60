using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial that has not begun.</summary>
/// <param name="Number">Its number in the sweep, from 0.</param>
/// <param name="Options">Its options; null where the search space could not make any.</param>
/// <param name="Hyperparameters">What the options were made of.</param>
/// <param name="Failure">Why it cannot be trained; null where it can, as far as is known.</param>
internal sealed record TrialDraft<TOptions>(
    int Number, TOptions? Options, IReadOnlyList<Hyperparameter> Hyperparameters, string? Failure = null)
    where TOptions : LinearTrainerOptions
{
    /// <summary>A trial as a search space makes it; one for which it fails has failed.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="draw">Gives hyperparameters their values.</param>
    /// <param name="configure">Makes options.</param>
    public static TrialDraft<TOptions> Of(int number, Draw draw, Func<Draw, TOptions> configure)
    {
        try
        {
            // A function may change one object of options, and give it again and again.
            return new TrialDraft<TOptions>(number, (TOptions)configure(draw).Copy(), draw.Drawn);
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            return new TrialDraft<TOptions>(number, null, draw.Drawn, TrialFailure.Reason("The search space did not return options", e));
        }
    }

    /// <summary>The same with a copy of its options, which hold; or with the reason why they do not.</summary>
    /// <param name="seed">What the order of rows follows from, where the options do not say.</param>
    public TrialDraft<TOptions> Checked(int seed)
    {
        if (Options is null) return this;
        try
        {
            var own = (TOptions)Options.CheckedCopy();
            Refuse(own.Checkpoints is not null, "Checkpoints of a trial must be null. Set SweepOptions.Journal instead.");
            Refuse(own.Progress is not null, "Progress of a trial must be null. Set SweepOptions.Progress instead.");
            Refuse(own.CancellationToken.CanBeCanceled,
                "CancellationToken of a trial must not be set. Set SweepOptions.CancellationToken instead.");
            Refuse(own.Cancellation != CancellationMode.Throw,
                $"Cancellation of a trial must be {CancellationMode.Throw}. Received: {own.Cancellation}. Set SweepOptions.Cancellation "
                + "instead.");
            own.Seed ??= seed;
            return this with { Options = own };
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            return this with { Failure = TrialFailure.Reason("Its options are not valid", e) };
        }
    }

    private static void Refuse(bool isWrong, string message)
    {
        if (isWrong) throw new ArgumentException(message);
    }

    /// <summary>The trial in words.</summary>
    public override string ToString() => TrialText.Of(Number, Hyperparameters);
}
