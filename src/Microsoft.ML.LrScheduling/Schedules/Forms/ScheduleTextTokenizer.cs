using Superpower;
using Superpower.Display;
using Superpower.Parsers;
using Superpower.Tokenizers;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Cuts the text form of a schedule into tokens.</summary>
internal static class ScheduleTextTokenizer
{
    public static readonly Tokenizer<ScheduleToken> Instance = new TokenizerBuilder<ScheduleToken>()
        .Ignore(Span.WhiteSpace)
        .Match(Character.EqualTo('('), ScheduleToken.Open)
        .Match(Character.EqualTo(')'), ScheduleToken.Close)
        .Match(Character.EqualTo('['), ScheduleToken.OpenList)
        .Match(Character.EqualTo(']'), ScheduleToken.CloseList)
        .Match(Character.EqualTo(','), ScheduleToken.Comma)
        .Match(Character.EqualTo(':'), ScheduleToken.Colon)
        // As Python has it, which the parser answers.
        .Match(Character.EqualTo('='), ScheduleToken.Colon)
        .Match(Span.Regex("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?"), ScheduleToken.Number)
        .Match(Span.Regex("(\"[^\"]*\"|'[^']*')"), ScheduleToken.Quoted)
        .Match(Identifier.CStyle, ScheduleToken.Word)
        .Build();
}

/// <summary>The words of the text form of a schedule.</summary>
internal enum ScheduleToken
{
    [Token(Description = "a number")]
    Number,

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
