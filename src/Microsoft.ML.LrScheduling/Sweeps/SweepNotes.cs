namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a user should know of a sweep: in the log as it happens, and in the study.</summary>
/// <param name="log">Writes a line to the log.</param>
internal sealed class SweepNotes(Action<string> log)
{
    private readonly List<string> _texts = [];

    /// <summary>What there is so far.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Takes note of something.</summary>
    public void Add(string text)
    {
        _texts.Add(text);
        log(text);
    }
}
