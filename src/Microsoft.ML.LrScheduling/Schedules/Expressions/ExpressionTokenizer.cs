using Superpower;
using Superpower.Display;
using Superpower.Parsers;
using Superpower.Tokenizers;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>Splits an expression into tokens.</summary>
internal static class ExpressionTokenizer
{
    public static readonly Tokenizer<ExpressionToken> Instance = new TokenizerBuilder<ExpressionToken>()
        .Ignore(Span.WhiteSpace)
        .Match(Span.EqualTo("**"), ExpressionToken.Power)
        .Match(Span.EqualTo("//"), ExpressionToken.FloorDivide)
        .Match(Character.EqualTo('+'), ExpressionToken.Plus)
        .Match(Character.EqualTo('-'), ExpressionToken.Minus)
        .Match(Character.EqualTo('*'), ExpressionToken.Times)
        .Match(Character.EqualTo('/'), ExpressionToken.Divide)
        .Match(Character.EqualTo('%'), ExpressionToken.Modulo)
        .Match(Character.EqualTo('('), ExpressionToken.Open)
        .Match(Character.EqualTo(')'), ExpressionToken.Close)
        .Match(Character.EqualTo(','), ExpressionToken.Comma)
        .Match(Span.Regex("(<=|>=|==|!=|<|>)"), ExpressionToken.Comparison)
        .Match(Character.EqualTo('?'), ExpressionToken.Question)
        .Match(Character.EqualTo(':'), ExpressionToken.Colon)
        .Match(Span.Regex(@"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"), ExpressionToken.Number)
        .Match(Identifier.CStyle, ExpressionToken.Name)
        .Build();
}

/// <summary>The kinds of tokens in an expression.</summary>
internal enum ExpressionToken
{
    [Token(Description = "a number")]
    Number,

    [Token(Description = "a name")]
    Name,

    [Token(Example = "+")]
    Plus,

    [Token(Example = "-")]
    Minus,

    [Token(Example = "*")]
    Times,

    [Token(Example = "/")]
    Divide,

    [Token(Example = "//")]
    FloorDivide,

    [Token(Example = "%")]
    Modulo,

    [Token(Example = "**")]
    Power,

    [Token(Example = "(")]
    Open,

    [Token(Example = ")")]
    Close,

    [Token(Example = ",")]
    Comma,

    [Token(Description = "a comparison")]
    Comparison,

    [Token(Example = "?")]
    Question,

    [Token(Example = ":")]
    Colon,
}
