using Superpower.Model;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Finds numbers with a decimal comma in the text form of a schedule, which would be read as two values: <c>0,9</c> as 0 and 9.
/// </summary>
/// <remarks>
/// Two whole numbers with only a comma between them are taken for such a number if they hardly make sense as two values: if the first is 0
/// or belongs to a name, or if the second begins with a 0. In a list, only the last of these counts, and after an optimizer, as in a line
/// of Python, none.
/// </remarks>
internal static class DecimalComma
{
    /// <summary>Checks the tokens of a text.</summary>
    /// <exception cref="FormatException">There is such a number. The message contains the column.</exception>
    public static void Check(TokenList<ScheduleToken> tokens)
    {
        Token<ScheduleToken>[] all = [.. tokens];
        if (Array.Exists(all, token => token.Kind == ScheduleToken.Word && TorchSettings.IsOptimizer(token.ToStringValue()))) return;
        var lists = new Stack<bool>();
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Kind is ScheduleToken.Open or ScheduleToken.OpenList) lists.Push(all[i].Kind == ScheduleToken.OpenList);
            else if (all[i].Kind is ScheduleToken.Close or ScheduleToken.CloseList) lists.TryPop(out _);
            else if (all.AsSpan(i) is [var whole, { Kind: ScheduleToken.Comma } comma, var fraction, ..]
                && IsDigits(whole, signed: true) && IsDigits(fraction, signed: false) && Meets(whole, comma) && Meets(comma, fraction))
            {
                var (before, after) = (whole.ToStringValue(), fraction.ToStringValue());
                var isValue = before is "0" || (i > 0 && all[i - 1].Kind == ScheduleToken.Colon);
                if (after is not ['0', _, ..] && !(isValue && lists.TryPeek(out var isInList) && !isInList)) continue;
                throw ScheduleTextParser.Error(
                    whole.Position.Absolute,
                    $"{before},{after} is two values, {before} and {after}. Write {before}.{after} with a point, or a space after the "
                    + "comma if two values are meant");
            }
        }
    }

    private static bool IsDigits(Token<ScheduleToken> token, bool signed) => token.Kind == ScheduleToken.Number
        && token.ToStringValue() is var text && !(signed ? text.AsSpan().TrimStart("+-") : text).ContainsAnyExceptInRange('0', '9');

    private static bool Meets(Token<ScheduleToken> token, Token<ScheduleToken> next) =>
        token.Position.Absolute + token.Span.Length == next.Position.Absolute;
}
