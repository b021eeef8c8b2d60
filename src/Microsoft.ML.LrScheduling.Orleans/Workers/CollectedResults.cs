using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>What came of trials, until all have ended.</summary>
internal sealed class CollectedResults : IBatchObserver
{
    private readonly List<TrialResult> _results = [];
    private readonly List<string> _notes = [];

    /// <inheritdoc/>
    public void Ended(TrialResult result) => _results.Add(result);

    /// <inheritdoc/>
    public void EpochEnded(ITrialBatch batch)
    {
        // Trials that are interrupted here begin anew elsewhere.
    }

    /// <inheritdoc/>
    public void Note(string text) => _notes.Add(text);

    /// <summary>All as bytes.</summary>
    public byte[] ToBytes() => ResultBytes.Write(_results, _notes);
}
