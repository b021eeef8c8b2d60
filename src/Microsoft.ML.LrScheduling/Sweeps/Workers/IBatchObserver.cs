namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Receives the events of a batch of trials while it trains. The sweep implements it.</summary>
internal interface IBatchObserver
{
    /// <summary>Is called when a trial has ended by itself.</summary>
    void Ended(TrialResult result);

    /// <summary>
    /// Is called when some of the trials have trained an epoch. The sweep then saves the states of the trials. Trials that train on another
    /// machine can report that they are still running.
    /// </summary>
    /// <param name="batch">The batch.</param>
    void EpochEnded(ITrialBatch batch);

    /// <summary>Receives a message for the user.</summary>
    void Note(string text);
}
