using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial that has not started.</summary>
/// <param name="Number">The trial's number in the sweep, from 0.</param>
/// <param name="Options">The options; null if the search space failed to create them.</param>
/// <param name="Hyperparameters">The hyperparameters from which the options were created.</param>
/// <param name="Failure">Why the trial cannot be trained; null if no reason is known.</param>
internal sealed record TrialDraft<TOptions>(
    int Number, TOptions? Options, IReadOnlyList<Hyperparameter> Hyperparameters, string? Failure = null)
    where TOptions : LinearTrainerOptions
{
    /// <summary>Creates a trial from a search space. If the space throws an exception, the trial has failed.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="draw">Draws the hyperparameters.</param>
    /// <param name="configure">Creates the options.</param>
    public static TrialDraft<TOptions> Of(int number, Draw draw, Func<Draw, TOptions> configure)
    {
        try
        {
            // Copied, because the user's function may change and return the same object each time.
            return new TrialDraft<TOptions>(number, (TOptions)configure(draw).Copy(), draw.Drawn);
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            return new TrialDraft<TOptions>(number, null, draw.Drawn, TrialFailure.Reason("The search space did not return options", e));
        }
    }

    /// <summary>Returns the trial with a checked copy of its options, or with the reason why they are not valid.</summary>
    /// <param name="seed">The seed of the order of rows, if the options have none.</param>
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

    /// <summary>Describes the trial for messages.</summary>
    public override string ToString() => TrialText.Of(Number, Hyperparameters);
}
