namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Shows text from users or files on one line of a message.</summary>
internal static class OneLine
{
    /// <summary>The default maximum number of characters to show.</summary>
    public const int LongestShown = 60;

    /// <summary>
    /// Returns the text on one line. Each sequence of blanks, line ends and other control characters becomes one blank; other invisible
    /// characters are replaced by their codes.
    /// </summary>
    public static string Of(string text)
    {
        var words = new string([.. text.Select(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) ? ' ' : letter)])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return VisibleText.Of(string.Join(' ', words));
    }

    /// <summary>Returns the text on one line, shortened if it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The maximum number of characters, without the ellipsis.</param>
    public static string Short(string text, int longest = LongestShown)
    {
        // Of a very long text, only the beginning is processed.
        var line = Of(text.Length > 2 * longest ? text[..WholeEnd(text, 2 * longest)] : text);
        if (line.Length <= longest) return line.Length > 0 && text.Length > 2 * longest ? $"{line}…" : line;
        return $"{line[..WholeEnd(line, longest)]}…";
    }

    // Does not separate the two halves of a surrogate pair.
    private static int WholeEnd(string text, int end) => char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
}
