using Microsoft.ML.Data;

namespace SpamFilter;

/// <summary>A line of spam.tsv.</summary>
internal sealed class Message
{
    /// <summary>Whether it is spam.</summary>
    [LoadColumn(0)]
    public bool Label { get; set; }

    [LoadColumn(1)]
    public string Subject { get; set; } = "";

    [LoadColumn(2)]
    public string Body { get; set; } = "";
}
