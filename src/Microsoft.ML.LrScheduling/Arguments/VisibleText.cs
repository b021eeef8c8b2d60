using System.Globalization;
using System.Text;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Text of others that shows all its characters.</summary>
internal static class VisibleText
{
    /// <summary>The text, with characters that would not be seen, or change the order of others, by their code: <c>\u202e</c>.</summary>
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
