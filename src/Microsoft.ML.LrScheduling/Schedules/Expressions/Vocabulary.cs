using System.Collections.Frozen;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>An operator between two operands.</summary>
internal sealed record Operator(string Symbol, Precedence Precedence, Func<double, double, double> Apply);

/// <summary>A function of one operand.</summary>
internal sealed record UnaryFunction(string Name, Func<double, double> Apply);

/// <summary>A function of two operands or more, applied from the left.</summary>
internal sealed record FoldingFunction(string Name, Func<double, double, double> Apply);

/// <summary>The operators, functions and names of expressions. Each means the same as in Python with floating-point numbers.</summary>
internal static class Vocabulary
{
    public static readonly Operator Add = new("+", Precedence.Sum, (a, b) => a + b);
    public static readonly Operator Subtract = new("-", Precedence.Sum, (a, b) => a - b);
    public static readonly Operator Multiply = new("*", Precedence.Product, (a, b) => a * b);
    public static readonly Operator Divide = new("/", Precedence.Product, (a, b) => a / b);
    public static readonly Operator FloorDivide = new("//", Precedence.Product, FloorQuotient);
    public static readonly Operator Modulo = new("%", Precedence.Product, FloorRemainder);
    public static readonly Operator Power = new("**", Precedence.Power, (a, b) => Math.Pow(a, b));

    /// <summary>The comparisons. The value is 1 if the comparison is true, otherwise 0.</summary>
    public static readonly FrozenDictionary<string, Operator> Comparisons = new Operator[]
    {
        new("<", Precedence.Comparison, (a, b) => a < b ? 1 : 0),
        new("<=", Precedence.Comparison, (a, b) => a <= b ? 1 : 0),
        new(">", Precedence.Comparison, (a, b) => a > b ? 1 : 0),
        new(">=", Precedence.Comparison, (a, b) => a >= b ? 1 : 0),
        new("==", Precedence.Comparison, (a, b) => a == b ? 1 : 0),
        new("!=", Precedence.Comparison, (a, b) => a != b ? 1 : 0),
    }.ToFrozenDictionary(comparison => comparison.Symbol);

    /// <summary>The initial rate of the parameter group.</summary>
    public const string Initial = "initial";

    /// <summary>The number of steps and of epochs in the training run. Numbers replace these names before the run starts.</summary>
    public const string Steps = "steps", Epochs = "epochs";

    /// <summary>The epoch in a function of a <see cref="CustomLR"/>; the step in other functions.</summary>
    public const string Epoch = "epoch";

    public static readonly FrozenSet<string> Variables = FrozenSet.Create(Epoch, "x");

    /// <summary>The metric.</summary>
    public const string Metric = "metric";

    /// <summary>The other values that the functions of a <see cref="CustomLR"/> can use, apart from the state s0, s1 …</summary>
    public static readonly FrozenDictionary<string, Func<LrStep, double>> Observations = new Dictionary<string, Func<LrStep, double>>
    {
        [Metric] = step => step.Metric,
        ["rate"] = step => step.LearningRate,
    }.ToFrozenDictionary();

    /// <summary>Hints for names and signs that are not valid, but that users write.</summary>
    public static readonly FrozenDictionary<string, string> Advice = new Dictionary<string, string>
    {
        ["^"] = "write a power with **",
        ["="] = "compare two values with ==",
        ["!"] = "compare two values with !=",
        ["&"] = "write (a) * (b) for: a and b",
        ["|"] = "write (a) + (b) for: a or b",
        ["."] = "write functions without a module: cos(x), not math.cos(x)",
        ["and"] = "write (a) * (b) for: a and b",
        ["or"] = "write (a) + (b) for: a or b",
        ["not"] = "write (a) == 0 for: not a",
        ["if"] = "write a conditional as c ? a : b",
        ["else"] = "write a conditional as c ? a : b",
        ["loss"] = "the metric that a CustomLR watches is called metric",
        ["lambda"] = "write only the expression, without lambda epoch:",
        ["step"] = "the step is called epoch, or x, whatever the interval",
        ["t"] = "the step is called epoch, or x, whatever the interval",
        ["lr"] = "the initial rate of the group is called initial; in a CustomLR the rate before the step is called rate",
    }.ToFrozenDictionary();

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
        new("tanh", x => Math.Tanh(x)),
        // Rounds halves to even, as Python does.
        new("round", x => Math.Round(x)),
    }.ToFrozenDictionary(function => function.Name);

    /// <summary>The function that does the same as the operator <c>**</c>.</summary>
    public const string PowerFunction = "pow";

    public static readonly FrozenDictionary<string, FoldingFunction> FoldingFunctions = new FoldingFunction[]
    {
        new("min", (a, b) => Math.Min(a, b)),
        new("max", (a, b) => Math.Max(a, b)),
        new(PowerFunction, (a, b) => Math.Pow(a, b)),
    }.ToFrozenDictionary(function => function.Name);

    /// <summary>a % b: the remainder that has the sign of b.</summary>
    private static double FloorRemainder(double a, double b)
    {
        var remainder = a % b;
        if (remainder == 0) return Math.CopySign(0, b);
        return remainder < 0 == b < 0 ? remainder : remainder + b;
    }

    /// <summary>
    /// a // b: the quotient rounded down. It is computed from the remainder, because the remainder is exact. For example, 1 // 0.1 is 9,
    /// since the double 0.1 is slightly more than a tenth, although 1 / 0.1 rounds to 10.
    /// </summary>
    private static double FloorQuotient(double a, double b)
    {
        if (b == 0) return a / b;
        // Rounding can move a quotient to an integer, but not past one. A quotient that is not an integer can therefore be rounded down.
        var rounded = Math.Floor(a / b);
        if (rounded != a / b) return rounded;
        var remainder = a % b;
        var quotient = Math.Round((a - remainder) / b);
        if (remainder != 0 && remainder < 0 != b < 0) quotient--;
        return quotient == 0 ? Math.CopySign(0, a / b) : quotient;
    }
}
