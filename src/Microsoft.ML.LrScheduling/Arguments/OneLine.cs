namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Text of others within a line of ours.</summary>
internal static class OneLine
{
    /// <summary>The most characters of a text that are shown, if nothing else is said.</summary>
    public const int LongestShown = 60;

    /// <summary>
    /// The text in a line: each run of blanks, of ends of lines and of other control characters is one blank; other characters that would
    /// not be seen are shown by their code.
    /// </summary>
    public static string Of(string text)
    {
        var words = new string([.. text.Select(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) ? ' ' : letter)])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return VisibleText.Of(string.Join(' ', words));
    }

    /// <summary>The text in a line, of a long one the beginning.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters.</param>
    public static string Short(string text, int longest = LongestShown)
    {
        // What is left out need not be looked at.
        var line = Of(text.Length > 2 * longest ? text[..WholeEnd(text, 2 * longest)] : text);
        if (line.Length <= longest) return line.Length > 0 && text.Length > 2 * longest ? $"{line}…" : line;
        return $"{line[..WholeEnd(line, longest)]}…";
    }

    // No half of a character.
    private static int WholeEnd(string text, int end) => char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
}
