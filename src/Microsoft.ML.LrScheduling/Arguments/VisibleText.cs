using System.Globalization;
using System.Text;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Makes invisible characters in text from users or files visible.</summary>
internal static class VisibleText
{
    /// <summary>
    /// Returns the text with codes, such as <c>\u202e</c>, for characters that are invisible or change the order of others.
    /// </summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var escaped = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var length = char.IsSurrogatePair(text, i) ? 2 : 1;
            var isSeen = CharUnicodeInfo.GetUnicodeCategory(text, i) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            foreach (var unit in text.AsSpan(i, length))
            {
                if (isSeen) escaped.Append(unit);
                else escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }

            i += length - 1;
        }

        return escaped.ToString();
    }
}
