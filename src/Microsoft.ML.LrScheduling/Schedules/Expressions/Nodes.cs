using System.Globalization;
using System.Text;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>A number: finite and not negative, since a sign is a separate node.</summary>
internal sealed class Number(double value) : Expression
{
    public double Value => value;

    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => value;

    public override void Write(StringBuilder text) => text.Append(value.ToString("R", CultureInfo.InvariantCulture));
}

/// <summary>A named constant.</summary>
internal sealed class Constant(string name, double value) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => value;

    public override void Write(StringBuilder text) => text.Append(name);
}

/// <summary>The argument of the function. It keeps the name that the user wrote.</summary>
internal sealed class Variable(string name) : Expression
{
    private readonly bool _isEpoch = name == Vocabulary.Epoch;

    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) =>
        step is not null && _isEpoch ? step.Epoch : argument;

    public override void Write(StringBuilder text) => text.Append(name);
}

/// <summary>The initial rate of the parameter group.</summary>
internal sealed class InitialRate(string name) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => initial;

    public override void Write(StringBuilder text) => text.Append(name);
}

/// <summary>One of the other values that a function of a <see cref="CustomLR"/> can use; NaN for other functions.</summary>
internal sealed class Observation(string name, Func<LrStep, double> read) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => step is null ? double.NaN : read(step);

    public override void Write(StringBuilder text) => text.Append(name);
}

/// <summary>An operand with a minus sign.</summary>
internal sealed class Negation(Expression operand) : Expression
{
    public override Precedence Precedence => Precedence.Sign;

    public override double Evaluate(double argument, double initial, LrStep? step) => -operand.Evaluate(argument, initial, step);

    public override void Write(StringBuilder text) => operand.Write(text.Append('-'), Precedence.Sign);
}

/// <summary>A binary operation.</summary>
internal class Operation(Operator @operator, Expression left, Expression right) : Expression
{
    public override Precedence Precedence => @operator.Precedence;

    public override double Evaluate(double argument, double initial, LrStep? step) =>
        @operator.Apply(left.Evaluate(argument, initial, step), right.Evaluate(argument, initial, step));

    public override void Write(StringBuilder text)
    {
        // Powers are right-associative, and a sign can follow ** without parentheses. All other operators are left-associative.
        var (ofLeft, ofRight) = Precedence switch
        {
            Precedence.Power => (Precedence.Atom, Precedence.Sign),
            // A comparison needs parentheses as an operand of another comparison.
            Precedence.Comparison => (Precedence.Sum, Precedence.Sum),
            _ => (Precedence, Precedence + 1),
        };
        left.Write(text, ofLeft);
        text.Append(' ').Append(@operator.Symbol).Append(' ');
        right.Write(text, ofRight);
    }
}

/// <summary>A power of a constant number. It is fast for integer exponents, which are usual in schedules.</summary>
internal sealed class PowerOfNumber(Number number, Expression exponent) : Operation(Vocabulary.Power, number, exponent)
{
    private readonly Expression _exponent = exponent;
    private readonly IntegerPowers _powers = new(number.Value);

    public override double Evaluate(double argument, double initial, LrStep? step)
    {
        var exponent = _exponent.Evaluate(argument, initial, step);
        var whole = (long)exponent;
        return whole == exponent && whole >= 0 ? _powers.Of(whole) : Math.Pow(number.Value, exponent);
    }
}

/// <summary>A function of one operand.</summary>
internal sealed class UnaryCall(UnaryFunction function, Expression operand) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) =>
        function.Apply(operand.Evaluate(argument, initial, step));

    public override void Write(StringBuilder text)
    {
        operand.Write(text.Append(function.Name).Append('('));
        text.Append(')');
    }
}

/// <summary>A function of two operands or more: the minimum, the maximum or the power. It is applied from the left.</summary>
internal sealed class FoldingCall(FoldingFunction function, Expression[] operands) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step)
    {
        var value = operands[0].Evaluate(argument, initial, step);
        for (var i = 1; i < operands.Length; i++) value = function.Apply(value, operands[i].Evaluate(argument, initial, step));
        return value;
    }

    public override void Write(StringBuilder text)
    {
        text.Append(function.Name).Append('(');
        for (var i = 0; i < operands.Length; i++) operands[i].Write(i == 0 ? text : text.Append(", "));
        text.Append(')');
    }
}

/// <summary>A conditional, <c>c ? a : b</c>. The condition is true if it is not 0.</summary>
internal sealed class Conditional(Expression condition, Expression then, Expression otherwise) : Expression
{
    public override Precedence Precedence => Precedence.Conditional;

    public override double Evaluate(double argument, double initial, LrStep? step) =>
        condition.Evaluate(argument, initial, step) != 0
            ? then.Evaluate(argument, initial, step)
            : otherwise.Evaluate(argument, initial, step);

    public override void Write(StringBuilder text)
    {
        condition.Write(text, Precedence.Comparison);
        then.Write(text.Append(" ? "), Precedence.Comparison);
        otherwise.Write(text.Append(" : "), Precedence.Conditional);
    }
}

/// <summary>An operand limited to the range of two others: <c>min(max(x, low), high)</c>.</summary>
internal sealed class Clip(Expression operand, Expression low, Expression high) : Expression
{
    public const string Name = "clip";

    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => Math.Min(
        Math.Max(operand.Evaluate(argument, initial, step), low.Evaluate(argument, initial, step)), high.Evaluate(argument, initial, step));

    public override void Write(StringBuilder text)
    {
        operand.Write(text.Append(Name).Append('('));
        low.Write(text.Append(", "));
        high.Write(text.Append(", "));
        text.Append(')');
    }
}
