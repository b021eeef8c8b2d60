using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Collects the results of the trials of a lease.</summary>
internal sealed class CollectedResults : IBatchObserver
{
    private readonly List<TrialResult> _results = [];
    private readonly List<string> _notes = [];

    /// <inheritdoc/>
    public void Ended(TrialResult result) => _results.Add(result);

    /// <inheritdoc/>
    public void EpochEnded(ITrialBatch batch)
    {
        // Nothing is stored after an epoch: an interrupted leg starts again on another worker.
    }

    /// <inheritdoc/>
    public void Note(string text) => _notes.Add(text);

    /// <summary>Returns the results and notes as bytes.</summary>
    public byte[] ToBytes() => ResultBytes.Write(_results, _notes);
}
