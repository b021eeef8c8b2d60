namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Messages for the user of a sweep. They are written to the log at once, and collected for the study.</summary>
/// <param name="log">Writes a message to the log.</param>
internal sealed class SweepNotes(Action<string> log)
{
    private readonly List<string> _texts = [];

    /// <summary>The messages so far.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Adds a message.</summary>
    public void Add(string text)
    {
        _texts.Add(text);
        log(text);
    }
}
