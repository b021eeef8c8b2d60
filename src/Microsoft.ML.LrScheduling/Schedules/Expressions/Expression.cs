using System.Text;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>
/// An expression as an immutable tree. Evaluating it allocates no memory, and runs no code but its own arithmetic.
/// </summary>
internal abstract class Expression
{
    /// <summary>The precedence of the outermost operator.</summary>
    public abstract Precedence Precedence { get; }

    /// <summary>Returns the value. It is NaN or infinite if the arithmetic has no other result, as in 1 / 0.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="initial">The initial rate of the parameter group; NaN if there is none.</param>
    /// <param name="step">The other values that a function of a <see cref="CustomLR"/> can use; null for other functions.</param>
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

    /// <summary>Writes the expression, in parentheses if its precedence is lower than <paramref name="atLeast"/>.</summary>
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

/// <summary>The precedence of operators, from the lowest. As in Python, a sign has a lower precedence than a power.</summary>
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
