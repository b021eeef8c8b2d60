namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Text of others within a line of ours.</summary>
internal static class OneLine
{
    /// <summary>The text in a line: each run of blanks, of ends of lines and of other control characters is one blank.</summary>
    public static string Of(string text)
    {
        var words = new string([.. text.Select(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) ? ' ' : letter)])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words);
    }
}
