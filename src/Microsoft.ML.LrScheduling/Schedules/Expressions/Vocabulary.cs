using System.Collections.Frozen;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>An operator between two operands.</summary>
internal sealed record Operator(string Symbol, Precedence Precedence, Func<double, double, double> Apply);

/// <summary>A function of one operand.</summary>
internal sealed record UnaryFunction(string Name, Func<double, double> Apply);

/// <summary>A function of two operands or more, applied from the left.</summary>
internal sealed record FoldingFunction(string Name, Func<double, double, double> Apply);

/// <summary>All that an expression may name. Each entry means what it means to Python's floating-point numbers.</summary>
internal static class Vocabulary
{
    public static readonly Operator Add = new("+", Precedence.Sum, (a, b) => a + b);
    public static readonly Operator Subtract = new("-", Precedence.Sum, (a, b) => a - b);
    public static readonly Operator Multiply = new("*", Precedence.Product, (a, b) => a * b);
    public static readonly Operator Divide = new("/", Precedence.Product, (a, b) => a / b);
    public static readonly Operator FloorDivide = new("//", Precedence.Product, FloorQuotient);
    public static readonly Operator Modulo = new("%", Precedence.Product, FloorRemainder);
    public static readonly Operator Power = new("**", Precedence.Power, (a, b) => Math.Pow(a, b));

    public static readonly FrozenSet<string> Variables = FrozenSet.Create("epoch", "x");

    public static readonly FrozenDictionary<string, double> Constants =
        new Dictionary<string, double> { ["pi"] = Math.PI, ["e"] = Math.E }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, UnaryFunction> UnaryFunctions = new UnaryFunction[]
    {
        new("exp", x => Math.Exp(x)),
        new("log", x => Math.Log(x)),
        new("sqrt", x => Math.Sqrt(x)),
        new("cos", x => Math.Cos(x)),
        new("sin", x => Math.Sin(x)),
        new("floor", x => Math.Floor(x)),
        new("ceil", x => Math.Ceiling(x)),
        new("abs", x => Math.Abs(x)),
    }.ToFrozenDictionary(function => function.Name);

    public static readonly FrozenDictionary<string, FoldingFunction> FoldingFunctions = new FoldingFunction[]
    {
        new("min", (a, b) => Math.Min(a, b)),
        new("max", (a, b) => Math.Max(a, b)),
    }.ToFrozenDictionary(function => function.Name);

    /// <summary>a % b: the remainder that has the sign of b.</summary>
    private static double FloorRemainder(double a, double b)
    {
        var remainder = a % b;
        if (remainder == 0) return Math.CopySign(0, b);
        return remainder < 0 == b < 0 ? remainder : remainder + b;
    }

    /// <summary>
    /// a // b: the quotient rounded down. It is made from the remainder, which is exact: 1 // 0.1 is 9, since the double 0.1 is a little
    /// more than a tenth, though 1 / 0.1 rounds to 10.
    /// </summary>
    private static double FloorQuotient(double a, double b)
    {
        if (b == 0) return a / b;
        // Rounding may bring a quotient onto a whole number, but not past one.
        var rounded = Math.Floor(a / b);
        if (rounded != a / b) return rounded;
        var remainder = a % b;
        var quotient = Math.Round((a - remainder) / b);
        if (remainder != 0 && remainder < 0 != b < 0) quotient--;
        return quotient == 0 ? Math.CopySign(0, a / b) : quotient;
    }
}
