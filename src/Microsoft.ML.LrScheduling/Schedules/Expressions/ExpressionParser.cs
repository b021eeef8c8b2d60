using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Arguments;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>
/// Parses an expression. Loops read signs and chains of operators, so that only parentheses recurse. Their depth is checked before.
/// </summary>
internal static partial class ExpressionParser
{
    /// <summary>The maximum number of characters in an expression, both as given and as printed.</summary>
    public const int MaximumLength = 1000;

    /// <summary>The maximum depth of parentheses.</summary>
    public const int MaximumDepth = 64;

    /// <summary>
    /// An expression of at most this length has a shallow tree, which needs no extra stack. A chain of operators is as deep as it is
    /// long, and recursion writes and evaluates it.
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
        Parse.Ref(() => Choice!).Between(Token.EqualTo(ExpressionToken.Open), Token.EqualTo(ExpressionToken.Close));

    private static readonly TokenListParser<ExpressionToken, Expression[]?> Operands =
        Parse.Ref(() => Choice!).ManyDelimitedBy(Token.EqualTo(ExpressionToken.Comma))
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

    // a ** -b ** c is a ** (-(b ** c)). After each ** come signs and an atom; the chain is combined from its end.
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

    private static readonly TokenListParser<ExpressionToken, Expression> Comparison =
        from left in Sum
        from rest in
            (from symbol in Token.EqualTo(ExpressionToken.Comparison)
             from right in Sum
             select ((string Symbol, Expression Right)?)(symbol.Span.ToStringValue(), right)).OptionalOrDefault()
        select rest is { } other ? new Operation(Vocabulary.Comparisons[other.Symbol], left, other.Right) : left;

    // a ? b : c ? d : e is a ? b : (c ? d : e): a chain, which is combined from its end. A conditional between ? and : needs parentheses.
    private static readonly TokenListParser<ExpressionToken, Expression> Choice =
        from first in Comparison
        from rest in
            (from then in Token.EqualTo(ExpressionToken.Question).IgnoreThen(Comparison)
             from otherwise in Token.EqualTo(ExpressionToken.Colon).IgnoreThen(Comparison)
             select (Then: then, Otherwise: otherwise)).Many()
        select FoldChoices(first, rest);

    private static readonly TokenListParser<ExpressionToken, Expression> Whole = Choice.AtEnd();

    /// <summary>Parses an expression. Returns its tree and its canonical text.</summary>
    /// <exception cref="FormatException">The text is not an expression, too long, or too deep.</exception>
    public static (Expression Tree, string Canonical) Read(string text)
    {
        CheckLength(text);
        var tokens = ExpressionTokenizer.Instance.TryTokenize(text);
        if (!tokens.HasValue)
        {
            var advice = Advice(text[tokens.ErrorPosition.Absolute].ToString());
            throw Error(tokens.ErrorPosition.Absolute, $"{tokens.FormatErrorMessageFragment()}, which an expression cannot have{advice}");
        }

        var depth = DepthOf(tokens.Value);
        return LargeStack.Run(text.Length > ShortLength ? MaximumDepth : depth, () => Read(text, tokens.Value));
    }

    private static (Expression Tree, string Canonical) Read(string text, TokenList<ExpressionToken> tokens)
    {
        var result = Whole.TryParse(tokens);
        if (!result.HasValue)
            throw Error(
                result.ErrorPosition.HasValue ? result.ErrorPosition.Absolute : text.Length,
                // A parser that reads to the end does not list what it expected after a complete expression.
                result.FormatErrorMessageFragment()
                    + (result.Expectations is null or [] ? $", expected an operator{ChainAdvice(result, text)}" : ""));

        var canonical = result.Value.ToString();
        // The names of the run's length will be replaced by numbers: the text must fit even with the longest ones.
        CheckLength(ForRun(canonical, long.MaxValue, long.MaxValue));
        return (result.Value, canonical);
    }

    private static string ChainAdvice(TokenListParserResult<ExpressionToken, Expression> result, string text) =>
        result.ErrorPosition.HasValue && text[result.ErrorPosition.Absolute] is ('<' or '>' or '=' or '!')
            ? ": write (a < b) * (b < c) for a < b < c" : "";

    /// <summary>Returns the expression with the names <c>steps</c> and <c>epochs</c> replaced by their values.</summary>
    public static string ForRun(string text, long steps, long epochs) => RunNames().Replace(
        text, name => (name.Value == Vocabulary.Steps ? steps : epochs).ToString(CultureInfo.InvariantCulture));

    /// <summary>Whether an expression uses the length of the training run.</summary>
    public static bool NeedsRun(string text) => RunNames().IsMatch(text);

    /// <summary>Whether an expression uses the initial rate of the parameter group.</summary>
    public static bool NeedsInitialRate(string text) => InitialName().IsMatch(text);

    /// <summary>Whether an expression uses the metric.</summary>
    public static bool NeedsMetric(string text) => Words().Matches(text).Any(word => word.Value == Vocabulary.Metric);

    /// <summary>Whether an expression uses a value that only the functions of a <see cref="CustomLR"/> have.</summary>
    public static bool NeedsStep(string text) =>
        Words().Matches(text).Any(word => Vocabulary.Observations.ContainsKey(word.Value) || StateNumber(word.Value) is not null);

    /// <summary>The number of state values that an expression needs: one more than the highest index in it.</summary>
    public static int StateLength(string text) => Words().Matches(text).Max(word => StateNumber(word.Value) + 1) ?? 0;

    /// <summary>The index of s0, s1 … in the state; null for any other name.</summary>
    private static int? StateNumber(string name) =>
        StateName().IsMatch(name) ? int.Parse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static void CheckLength(string text)
    {
        if (text.Length > MaximumLength)
            throw Error(MaximumLength, $"an expression must have at most {MaximumLength} characters. Received: {text.Length}");
    }

    private static TokenListParser<ExpressionToken, Operator> Symbol(ExpressionToken token, Operator @operator) =>
        Token.EqualTo(token).Value(@operator);

    private static Expression FoldChoices(Expression first, (Expression Then, Expression Otherwise)[] rest)
    {
        if (rest.Length == 0) return first;
        var choice = rest[^1].Otherwise;
        for (var i = rest.Length - 1; i >= 0; i--)
            choice = new Conditional(i == 0 ? first : rest[i - 1].Otherwise, rest[i].Then, choice);
        return choice;
    }

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
            : throw Error(token.Position, $"{token.Span} is larger than the largest number, 1.7976931348623157E+308");
    }

    private static Expression Resolve(Token<ExpressionToken> token, Expression[]? operands)
    {
        var name = token.Span.ToStringValue();
        if (operands is null)
        {
            if (Vocabulary.Variables.Contains(name)) return new Variable(name);
            if (name == Vocabulary.Initial) return new InitialRate(name);
            // Their value is NaN until ForRun replaces them by numbers.
            if (name is Vocabulary.Steps or Vocabulary.Epochs) return new Constant(name, double.NaN);
            if (Vocabulary.Constants.TryGetValue(name, out var value)) return new Constant(name, value);
            if (Vocabulary.Observations.TryGetValue(name, out var read)) return new Observation(name, read);
            if (StateNumber(name) is { } number) return new Observation(name, step => step.StateAt(number));
            if (IsFunction(name)) throw Error(token.Position, $"{name} is a function: expected {name}(…)");
            string[] names =
                [.. Vocabulary.Variables, .. Vocabulary.Constants.Keys, Vocabulary.Initial, Vocabulary.Steps, Vocabulary.Epochs];
            throw Error(
                token.Position,
                $"unknown name {name}, expected one of {Names(names)} (in a CustomLR {Names(Observed)}, s0, s1 … too), "
                    + $"or a function{Advice(name, [.. names, .. Observed, .. Functions])}");
        }

        if (Vocabulary.UnaryFunctions.TryGetValue(name, out var unary))
            return operands is [var operand]
                ? new UnaryCall(unary, operand)
                : throw Error(token.Position, $"{name} takes one argument. Received: {operands.Length}");
        if (name == Clip.Name)
            return operands is [var value, var low, var high]
                ? new Clip(value, low, high)
                : throw Error(token.Position, $"{name} takes three arguments. Received: {operands.Length}");
        if (name == Vocabulary.PowerFunction && operands.Length != 2)
            throw Error(token.Position, $"{name} takes two arguments. Received: {operands.Length}");
        if (Vocabulary.FoldingFunctions.TryGetValue(name, out var folding))
            return operands.Length >= 2
                ? new FoldingCall(folding, operands)
                : throw Error(token.Position, $"{name} takes two arguments or more. Received: {operands.Length}");
        throw Error(
            token.Position,
            $"unknown function {name}, expected one of {Names(Functions)}{Advice(name, Functions)}");
    }

    private static IEnumerable<string> Observed => Vocabulary.Observations.Keys;

    private static string[] Functions => [.. Vocabulary.UnaryFunctions.Keys, .. Vocabulary.FoldingFunctions.Keys, Clip.Name];

    private static bool IsFunction(string name) => Functions.Contains(name);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));

    /// <summary>A hint for a name or sign that is not valid; empty if there is none.</summary>
    private static string Advice(string name, params string[] known) =>
        Vocabulary.Advice.TryGetValue(name, out var advice) ? $": {advice}"
            : Suggestion.For(name, known) is { Length: > 0 } suggestion ? $".{suggestion}" : "";

    [GeneratedRegex($@"\b({Vocabulary.Steps}|{Vocabulary.Epochs})\b")]
    private static partial Regex RunNames();

    // The e of 1e5 is not a word.
    [GeneratedRegex(@"(?<![0-9.\w])[A-Za-z_]\w*")]
    private static partial Regex Words();

    [GeneratedRegex("^s(0|[1-9][0-9]{0,3})$")]
    private static partial Regex StateName();

    [GeneratedRegex($@"\b{Vocabulary.Initial}\b")]
    private static partial Regex InitialName();

    private static int DepthOf(TokenList<ExpressionToken> tokens)
    {
        var (depth, deepest) = (0, 0);
        foreach (var token in tokens)
        {
            if (token.Kind == ExpressionToken.Close) depth--;
            if (token.Kind == ExpressionToken.Open && ++depth > MaximumDepth)
                throw Error(token.Position, $"expected at most {MaximumDepth} levels of parentheses");
            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }

    private static FormatException Error(Position position, string message) => Error(position.Absolute, message);

    private static FormatException Error(int offset, string message) => new($"column {offset + 1}: {message}");
}
