namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a sweep is told while a batch of trials trains.</summary>
internal interface IBatchObserver
{
    /// <summary>A trial has ended, by itself.</summary>
    void Ended(TrialResult result);

    /// <summary>
    /// Some of the trials have trained an epoch: the moment to keep where they stand, and, of trials that train elsewhere, to say that
    /// they do so still.
    /// </summary>
    /// <param name="batch">The batch.</param>
    void EpochEnded(ITrialBatch batch);

    /// <summary>Something that a user should know.</summary>
    void Note(string text);
}
