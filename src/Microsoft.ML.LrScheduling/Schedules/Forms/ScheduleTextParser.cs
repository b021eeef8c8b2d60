using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Arguments;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Parses the text form of a schedule. Only brackets recurse, and the tokenizer has checked their depth.</summary>
internal static class ScheduleTextParser
{
    /// <summary>The maximum depth of brackets: two for each level of nested schedules.</summary>
    public const int MaximumDepth = 2 * CompositeSchedule.MaximumDepth;

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> Scalar =
        Token.EqualTo(ScheduleToken.Number).Select(ReadNumber)
            .Or(Token.EqualTo(ScheduleToken.Quoted).Select(token => (ScheduleTextNode)Node(token, Text(token)[1..^1])));

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> List =
        from open in Token.EqualTo(ScheduleToken.OpenList)
        from items in Parse.Ref(() => Value!).ManyDelimitedBy(Token.EqualTo(ScheduleToken.Comma), Token.EqualTo(ScheduleToken.CloseList))
        select (ScheduleTextNode)new ScheduleTextList(open.Position.Absolute, items);

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> Numbers = Token.EqualTo(ScheduleToken.Numbers)
        .Select(token => (ScheduleTextNode)Node(token, JsonNode.Parse(Text(token))));

    private static readonly TokenListParser<ScheduleToken, ScheduleTextSetting[]> Settings =
        Token.EqualTo(ScheduleToken.Open)
            .IgnoreThen(Parse.Ref(() => Setting!).ManyDelimitedBy(Token.EqualTo(ScheduleToken.Comma), Token.EqualTo(ScheduleToken.Close)));

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> Schedule =
        from kind in Token.EqualTo(ScheduleToken.Word)
        from settings in Settings.Select(settings => (ScheduleTextSetting[]?)settings).OptionalOrDefault()
        select (ScheduleTextNode)Call(kind, settings ?? []);

    // What a line of a program gives a schedule the name of.
    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> Assigned =
        Token.EqualTo(ScheduleToken.Colon).Where(static sign => Text(sign) is "=").IgnoreThen(Schedule);

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> WordOrSchedule =
        from word in Token.EqualTo(ScheduleToken.Word)
        from settings in Settings.Select(settings => (ScheduleTextSetting[]?)settings).OptionalOrDefault()
        select settings is null ? ReadWord(word) : Call(word, settings);

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> Value = Scalar.Or(List).Or(Numbers).Or(WordOrSchedule);

    // The token after a word decides whether the word is a name or a schedule. No parser backtracks, so an error keeps its position.
    private static readonly TokenListParser<ScheduleToken, ScheduleTextSetting> Setting =
        (from word in Token.EqualTo(ScheduleToken.Word)
         from rest in
             (from colon in Token.EqualTo(ScheduleToken.Colon)
              from value in Value
              select new ScheduleTextSetting(word.Position.Absolute, Text(word), value))
             .Or(Settings.Select(settings => Unnamed(Call(word, settings))))
             .Select(setting => (ScheduleTextSetting?)setting).OptionalOrDefault()
         select rest ?? Unnamed(ReadWord(word)))
        .Or(Scalar.Or(List).Or(Numbers).Select(Unnamed));

    private static readonly TokenListParser<ScheduleToken, ScheduleTextNode> Whole =
        (from word in Token.EqualTo(ScheduleToken.Word)
         from rest in Assigned.Or(Settings.Select(settings => (ScheduleTextNode)Call(word, settings)))
             .Select(node => (ScheduleTextNode?)node).OptionalOrDefault()
         select rest ?? Call(word, [])).AtEnd();

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="FormatException">
    /// The text is not a schedule, or has a value that is out of range. The message contains the column.
    /// </exception>
    public static LrSchedule Read(string text)
    {
        var tokens = ScheduleTextTokenizer.Instance.TryTokenize(text);
        if (!tokens.HasValue)
            throw LambdaError(text) ?? Error(tokens.ErrorPosition.Absolute, tokens.FormatErrorMessageFragment());
        DecimalComma.Check(tokens.Value);
        var depth = DepthOf(tokens.Value);
        return LargeStack.Run(depth, () =>
        {
            var result = Whole.TryParse(tokens.Value);
            return result.HasValue
                ? Read(result.Value, new ScheduleTextSource())
                : throw LambdaError(text) ?? Error(
                    result.ErrorPosition.HasValue ? result.ErrorPosition.Absolute : text.Length, result.FormatErrorMessageFragment());
        });
    }

    /// <summary>Creates the exception for a position in the text.</summary>
    public static FormatException Error(int offset, string message, Exception? inner = null) =>
        new($"column {offset + 1}: {message}", inner);

    private static LrSchedule Read(ScheduleTextNode node, ScheduleTextSource source)
    {
        var json = JsonSerializer.SerializeToElement(node.ToJson("$", source));
        try
        {
            return ScheduleJson.Read(json);
        }
        catch (JsonException e)
        {
            var path = e.Path ?? "$";
            throw Error(source.OffsetOf(path) ?? node.Offset, e.Message[(path.Length + 2)..], e);
        }
    }

    /// <summary>The error for a text that contains a Python lambda; null if there is none.</summary>
    private static FormatException? LambdaError(string text)
    {
        if (TorchSettings.FindLambda(text) is not { } lambda) return null;
        var (depth, end) = (0, lambda.End);
        for (; end < text.Length && (depth > 0 || text[end] is not (',' or ')' or ']')); end++)
            depth += text[end] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
        return Error(lambda.Start, $"expected an expression in quotes, without {lambda.Text} Write "
            + $"\"{OneLine.Short(text[lambda.End..end].Trim())}\"");
    }

    private static ScheduleTextNode ReadNumber(Token<ScheduleToken> token)
    {
        var digits = Text(token);
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? Node(token, whole)
            // 1.0 is the whole run, but 1 is one step: the decimal point must remain.
            : digits is "1.0" ? Node(token, JsonNode.Parse(digits))
            : double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
                ? Node(token, number)
                : throw Error(token.Position.Absolute, $"{digits} is larger than the largest number, 1.7976931348623157E+308");
    }

    private static ScheduleTextNode ReadWord(Token<ScheduleToken> token) => Text(token) switch
    {
        "true" or "True" => Node(token, true),
        "false" or "False" => Node(token, false),
        "null" or "None" => Node(token, null),
        var word when ScheduleKind.All.ContainsKey(TorchSettings.WithoutModule(word)) => Call(token, []),
        var word => Node(token, word) with { IsWord = true },
    };

    private static ScheduleTextCall Call(Token<ScheduleToken> kind, ScheduleTextSetting[] settings) =>
        new(kind.Position.Absolute, TorchSettings.WithoutModule(Text(kind)), settings);

    private static ScheduleTextSetting Unnamed(ScheduleTextNode value) => new(value.Offset, Name: null, value);

    private static ScheduleTextScalar Node(Token<ScheduleToken> token, JsonNode? value) => new(token.Position.Absolute, value);

    private static string Text(Token<ScheduleToken> token) => token.Span.ToStringValue();

    private static int DepthOf(TokenList<ScheduleToken> tokens)
    {
        var (depth, deepest) = (0, 0);
        foreach (var token in tokens)
        {
            if (token.Kind is ScheduleToken.Close or ScheduleToken.CloseList) depth--;
            if (token.Kind is ScheduleToken.Open or ScheduleToken.OpenList) deepest = Math.Max(deepest, ++depth);
        }

        return deepest;
    }
}
