using System.Text.RegularExpressions;
using Superpower;
using Superpower.Display;
using Superpower.Model;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Splits the text form of a schedule into tokens. It limits their number, because the parser needs one or two kilobytes for each token. A
/// list of numbers is one token, because it can have millions of numbers.
/// </summary>
internal sealed partial class ScheduleTextTokenizer : Tokenizer<ScheduleToken>
{
    public static readonly ScheduleTextTokenizer Instance = new();

    // Enough for a thousand schedules with all their settings.
    private const int MostTokens = 100_000;

    // Shorter lists are split into their numbers, so that an error message can give the column of a number.
    private const int FewNumbers = 2;

    /// <inheritdoc/>
    protected override IEnumerable<Result<ScheduleToken>> Tokenize(TextSpan span)
    {
        var (tokens, depth, schedules, functions, characters) = (0, 0, 0, 0, 0);
        var canEnd = false;
        for (var rest = span.Skip(Blanks(span)); !rest.IsAtEnd;)
        {
            var (kind, length) = Next(Text(rest));
            if (length == 0)
            {
                yield return Result.Empty<ScheduleToken>(rest);
                yield break;
            }

            if (++tokens > MostTokens)
                throw Error(rest, $"a schedule must have at most {MostTokens} words and signs, of which a list of numbers is one");
            if (kind is ScheduleToken.Close or ScheduleToken.CloseList) depth--;
            if (kind is ScheduleToken.Open or ScheduleToken.OpenList && ++depth > ScheduleTextParser.MaximumDepth)
                throw Error(rest, $"expected at most {ScheduleTextParser.MaximumDepth} levels of brackets");
            if (kind == ScheduleToken.Open && ++schedules > CompositeSchedule.MaximumSize)
                throw Error(rest, $"schedules must be at most {CompositeSchedule.MaximumSize}, all levels together. Received: more");
            if (kind == ScheduleToken.Quoted)
            {
                (functions, characters) = (functions + 1, characters + length - 2);
                if (ScheduleLimits.Refusal(functions, characters) is { } rule)
                    throw Error(rest, $"functions must {rule.Text}. Received: {rule.Received} or more");
            }

            var end = rest.Skip(length);
            var next = end.Skip(Blanks(end));
            // A comma after the last value, as in Python.
            if (kind != ScheduleToken.Comma || !canEnd || Text(next) is not [')' or ']', ..]) yield return Result.Value(kind, rest, end);
            canEnd = kind is not (ScheduleToken.Comma or ScheduleToken.Open or ScheduleToken.OpenList or ScheduleToken.Colon);
            rest = next;
        }
    }

    private static (ScheduleToken Kind, int Length) Next(ReadOnlySpan<char> text) => text[0] switch
    {
        '(' => (ScheduleToken.Open, 1),
        ')' => (ScheduleToken.Close, 1),
        '[' => NumbersLength(text) is > 0 and var length ? (ScheduleToken.Numbers, length) : (ScheduleToken.OpenList, 1),
        ']' => (ScheduleToken.CloseList, 1),
        ',' => (ScheduleToken.Comma, 1),
        // The equals sign is Python's syntax.
        ':' or '=' => (ScheduleToken.Colon, 1),
        '"' or '\'' => (ScheduleToken.Quoted, text[1..].IndexOf(text[0]) is >= 0 and var length ? length + 2 : 0),
        '_' => (ScheduleToken.Word, WordLength(text)),
        var letter when char.IsLetter(letter) => (ScheduleToken.Word, WordLength(text)),
        _ => (ScheduleToken.Number, NumberLength(text)),
    };

    // The length of white space and of Python's comments.
    private static int Blanks(TextSpan span)
    {
        var text = Text(span);
        var count = 0;
        while (count < text.Length && (char.IsWhiteSpace(text[count]) || text[count] == '#'))
            count = text[count] != '#' ? count + 1
                : text[count..].IndexOfAny('\r', '\n') is >= 0 and var comment ? count + comment : text.Length;
        return count;
    }

    private static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && (text[length] == '_' || char.IsLetterOrDigit(text[length]) || IsDot(text[length..]))) length++;
        return length;
    }

    // A dot within a name, as in Python's optim.lr_scheduler.StepLR.
    private static bool IsDot(ReadOnlySpan<char> text) => text is ['.', var next, ..] && (next == '_' || char.IsLetter(next));

    /// <summary>
    /// The length of a list of numbers in JSON syntax, with its brackets; 0 if there is no such list, or if it has only a few numbers.
    /// </summary>
    private static int NumbersLength(ReadOnlySpan<char> text)
    {
        var (count, place) = (0, 1);
        while (true)
        {
            place += JsonBlanks(text[place..]);
            var length = JsonNumberLength(text[place..]);
            if (length == 0) return 0;
            count++;
            place += length;
            place += JsonBlanks(text[place..]);
            if (place == text.Length) return 0;
            if (text[place] == ']') return count > FewNumbers ? place + 1 : 0;
            if (text[place++] != ',') return 0;
        }
    }

    private static int JsonBlanks(ReadOnlySpan<char> text) =>
        text.IndexOfAnyExcept(" \t\r\n") is >= 0 and var count ? count : text.Length;

    private static int NumberLength(ReadOnlySpan<char> text)
    {
        foreach (var match in Number.EnumerateMatches(text)) return match.Length;
        return 0;
    }

    private static int JsonNumberLength(ReadOnlySpan<char> text)
    {
        var start = text is ['-', ..] ? 1 : 0;
        var place = start + Digits(text[start..]);
        // JSON does not allow leading zeros.
        if (place == start || (place > start + 1 && text[start] == '0')) return 0;
        if (text[place..] is ['.', .. var fraction])
        {
            if (Digits(fraction) is 0) return 0;
            place += 1 + Digits(fraction);
        }

        if (text[place..] is not ['e' or 'E', .. var exponent]) return place;
        var sign = exponent is ['+' or '-', ..] ? 1 : 0;
        return Digits(exponent[sign..]) is > 0 and var digits ? place + 1 + sign + digits : 0;
    }

    private static int Digits(ReadOnlySpan<char> text) =>
        text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var count ? count : text.Length;

    private static ReadOnlySpan<char> Text(TextSpan span) => span.Source.AsSpan(span.Position.Absolute, span.Length);

    private static FormatException Error(TextSpan at, string message) => ScheduleTextParser.Error(at.Position.Absolute, message);

    [GeneratedRegex(@"\A[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", RegexOptions.ExplicitCapture)]
    private static partial Regex Number { get; }
}

/// <summary>The kinds of tokens in the text form of a schedule.</summary>
internal enum ScheduleToken
{
    [Token(Description = "a number")]
    Number,

    [Token(Description = "a list of numbers")]
    Numbers,

    [Token(Description = "an expression in quotes")]
    Quoted,

    [Token(Description = "a name")]
    Word,

    [Token(Example = "(")]
    Open,

    [Token(Example = ")")]
    Close,

    [Token(Example = "[")]
    OpenList,

    [Token(Example = "]")]
    CloseList,

    [Token(Example = ",")]
    Comma,

    [Token(Example = ":")]
    Colon,
}
