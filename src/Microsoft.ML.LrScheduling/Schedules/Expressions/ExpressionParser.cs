using System.Globalization;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>
/// Reads an expression. Signs and chains of operators are read by loops, so that only parentheses recurse, and those are counted before.
/// </summary>
internal static class ExpressionParser
{
    /// <summary>The most characters that an expression may have, as given and as printed.</summary>
    public const int MaximumLength = 1000;

    /// <summary>The most parentheses that may be open at once.</summary>
    public const int MaximumDepth = 64;

    /// <summary>
    /// So many characters are a shallow tree: chains of operators are as deep as they are long, and are written and evaluated by recursion.
    /// </summary>
    public const int ShortLength = 200;

    private static readonly TokenListParser<ExpressionToken, Operator> SumOperator =
        Symbol(ExpressionToken.Plus, Vocabulary.Add).Or(Symbol(ExpressionToken.Minus, Vocabulary.Subtract));

    private static readonly TokenListParser<ExpressionToken, Operator> ProductOperator =
        Symbol(ExpressionToken.Times, Vocabulary.Multiply)
            .Or(Symbol(ExpressionToken.Divide, Vocabulary.Divide))
            .Or(Symbol(ExpressionToken.FloorDivide, Vocabulary.FloorDivide))
            .Or(Symbol(ExpressionToken.Modulo, Vocabulary.Modulo));

    private static readonly TokenListParser<ExpressionToken, Expression> NumberAtom =
        Token.EqualTo(ExpressionToken.Number).Select(ReadNumber);

    private static readonly TokenListParser<ExpressionToken, Expression> Group =
        Parse.Ref(() => Sum!).Between(Token.EqualTo(ExpressionToken.Open), Token.EqualTo(ExpressionToken.Close));

    private static readonly TokenListParser<ExpressionToken, Expression[]?> Operands =
        Parse.Ref(() => Sum!).ManyDelimitedBy(Token.EqualTo(ExpressionToken.Comma))
            .Between(Token.EqualTo(ExpressionToken.Open), Token.EqualTo(ExpressionToken.Close))
            .Select(operands => (Expression[]?)operands)
            .OptionalOrDefault();

    private static readonly TokenListParser<ExpressionToken, Expression> NameAtom =
        from name in Token.EqualTo(ExpressionToken.Name)
        from operands in Operands
        select Resolve(name, operands);

    private static readonly TokenListParser<ExpressionToken, Expression> Atom = NumberAtom.Or(NameAtom).Or(Group);

    private static readonly TokenListParser<ExpressionToken, bool> Sign =
        Token.EqualTo(ExpressionToken.Minus).Value(true).Or(Token.EqualTo(ExpressionToken.Plus).Value(false));

    // a ** -b ** c is a ** (-(b ** c)): what follows each ** is signs and an atom, and the chain is folded from its end.
    private static readonly TokenListParser<ExpressionToken, Expression> Power =
        from signs in Sign.Many()
        from first in Atom
        from rest in Token.EqualTo(ExpressionToken.Power).IgnoreThen(
            from signs in Sign.Many()
            from operand in Atom
            select (Signs: signs, Operand: operand)).Many()
        select FoldPowers(signs, first, rest);

    private static readonly TokenListParser<ExpressionToken, Expression> Product =
        Parse.Chain(ProductOperator, Power, (@operator, left, right) => new Operation(@operator, left, right));

    private static readonly TokenListParser<ExpressionToken, Expression> Sum =
        Parse.Chain(SumOperator, Product, (@operator, left, right) => new Operation(@operator, left, right));

    private static readonly TokenListParser<ExpressionToken, Expression> Whole = Sum.AtEnd();

    /// <summary>Reads an expression; returns it as a tree and as it prints.</summary>
    /// <exception cref="FormatException">The text is not an expression, too long, or too deep.</exception>
    public static (Expression Tree, string Canonical) Read(string text)
    {
        CheckLength(text);
        var tokens = ExpressionTokenizer.Instance.TryTokenize(text);
        if (!tokens.HasValue) throw Error(tokens.ErrorPosition.Absolute, $"{tokens.FormatErrorMessageFragment()}, which no expression has");
        var depth = DepthOf(tokens.Value);
        return LargeStack.Run(text.Length > ShortLength ? MaximumDepth : depth, () => Read(text, tokens.Value));
    }

    private static (Expression Tree, string Canonical) Read(string text, TokenList<ExpressionToken> tokens)
    {
        var result = Whole.TryParse(tokens);
        if (!result.HasValue)
            throw Error(
                result.ErrorPosition.HasValue ? result.ErrorPosition.Absolute : text.Length,
                // What may follow a whole expression is not known to the parser that reads to its end.
                result.FormatErrorMessageFragment() + (result.Expectations is null or [] ? ", expected an operator" : ""));

        var canonical = result.Value.ToString();
        CheckLength(canonical);
        return (result.Value, canonical);
    }

    private static void CheckLength(string text)
    {
        if (text.Length > MaximumLength)
            throw Error(MaximumLength, $"an expression must have at most {MaximumLength} characters. Received: {text.Length}");
    }

    private static TokenListParser<ExpressionToken, Operator> Symbol(ExpressionToken token, Operator @operator) =>
        Token.EqualTo(token).Value(@operator);

    private static Expression FoldPowers(bool[] signs, Expression first, (bool[] Signs, Expression Operand)[] rest)
    {
        if (rest.Length == 0) return Signed(signs, first);
        var exponent = Signed(rest[^1].Signs, rest[^1].Operand);
        for (var i = rest.Length - 2; i >= 0; i--)
            exponent = Signed(rest[i].Signs, PowerOf(rest[i].Operand, exponent));
        return Signed(signs, PowerOf(first, exponent));
    }

    private static Operation PowerOf(Expression operand, Expression exponent) =>
        operand is Number number ? new PowerOfNumber(number, exponent) : new Operation(Vocabulary.Power, operand, exponent);

    private static Expression Signed(bool[] signs, Expression operand) =>
        signs.Where(isMinus => isMinus).Aggregate(operand, (signed, _) => new Negation(signed));

    private static Expression ReadNumber(Token<ExpressionToken> token)
    {
        var value = double.Parse(token.Span.ToStringValue(), NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value)
            ? new Number(value)
            : throw Error(token.Position, $"{token.Span} is larger than the largest number, {double.MaxValue:R}");
    }

    private static Expression Resolve(Token<ExpressionToken> token, Expression[]? operands)
    {
        var name = token.Span.ToStringValue();
        if (operands is null)
        {
            if (Vocabulary.Variables.Contains(name)) return new Variable(name);
            if (Vocabulary.Constants.TryGetValue(name, out var value)) return new Constant(name, value);
            if (IsFunction(name)) throw Error(token.Position, $"{name} is a function: expected {name}(…)");
            throw Error(token.Position, $"unknown name {name}, expected one of {Names(Vocabulary.Variables, Vocabulary.Constants.Keys)}, "
                + "or a function");
        }

        if (Vocabulary.UnaryFunctions.TryGetValue(name, out var unary))
            return operands is [var operand]
                ? new UnaryCall(unary, operand)
                : throw Error(token.Position, $"{name} takes one argument. Received: {operands.Length}");
        if (Vocabulary.FoldingFunctions.TryGetValue(name, out var folding))
            return operands.Length >= 2
                ? new FoldingCall(folding, operands)
                : throw Error(token.Position, $"{name} takes two arguments or more. Received: {operands.Length}");
        throw Error(
            token.Position,
            $"unknown function {name}, expected one of {Names(Vocabulary.UnaryFunctions.Keys, Vocabulary.FoldingFunctions.Keys)}");
    }

    private static bool IsFunction(string name) =>
        Vocabulary.UnaryFunctions.ContainsKey(name) || Vocabulary.FoldingFunctions.ContainsKey(name);

    private static string Names(params IEnumerable<string>[] names) =>
        string.Join(", ", names.SelectMany(some => some).Order(StringComparer.Ordinal));

    private static int DepthOf(TokenList<ExpressionToken> tokens)
    {
        var (depth, deepest) = (0, 0);
        foreach (var token in tokens)
        {
            if (token.Kind == ExpressionToken.Close) depth--;
            if (token.Kind == ExpressionToken.Open && ++depth > MaximumDepth)
                throw Error(token.Position, $"expected at most {MaximumDepth} parentheses within each other");
            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }

    private static FormatException Error(Position position, string message) => Error(position.Absolute, message);

    private static FormatException Error(int offset, string message) => new($"column {offset + 1}: {message}");
}
