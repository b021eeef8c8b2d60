using System.Text;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>
/// An expression in one argument, as an immutable tree. Evaluating it allocates nothing and runs no code but its own arithmetic.
/// </summary>
internal abstract class Expression
{
    /// <summary>How tightly the outermost operator binds.</summary>
    public abstract Precedence Precedence { get; }

    /// <summary>The value; NaN or an infinity where arithmetic has no other answer.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="initial">The initial rate of the parameter group; NaN where there is none.</param>
    /// <param name="step">What else a function of a <see cref="CustomLR"/> sees; null for others.</param>
    public abstract double Evaluate(double argument, double initial, LrStep? step);

    /// <summary>Writes the expression with one space around each operator and no needless parentheses.</summary>
    public abstract void Write(StringBuilder text);

    /// <inheritdoc/>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    /// <summary>Writes the expression, in parentheses if it binds less tightly than its place asks for.</summary>
    public void Write(StringBuilder text, Precedence atLeast)
    {
        if (Precedence >= atLeast)
        {
            Write(text);
            return;
        }

        text.Append('(');
        Write(text);
        text.Append(')');
    }
}

/// <summary>How tightly operators bind, the loosest first. The order is Python's: a sign binds less tightly than a power.</summary>
internal enum Precedence
{
    /// <summary><c>c ? a : b</c>.</summary>
    Conditional,

    /// <summary><c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>==</c> and <c>!=</c>.</summary>
    Comparison,

    /// <summary><c>+</c> and <c>-</c> between two operands.</summary>
    Sum,

    /// <summary><c>*</c>, <c>/</c>, <c>//</c> and <c>%</c>.</summary>
    Product,

    /// <summary>A sign before an operand.</summary>
    Sign,

    /// <summary><c>**</c>.</summary>
    Power,

    /// <summary>Numbers, names, calls and parentheses.</summary>
    Atom,
}
