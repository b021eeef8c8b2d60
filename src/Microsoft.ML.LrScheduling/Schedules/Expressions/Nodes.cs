using System.Globalization;
using System.Text;

namespace Microsoft.ML.LrScheduling.Schedules.Expressions;

/// <summary>A number as written: finite and not negative.</summary>
internal sealed class Number(double value) : Expression
{
    public double Value => value;

    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => value;

    public override void Write(StringBuilder text) => text.Append(value.ToString("R", CultureInfo.InvariantCulture));
}

/// <summary>A constant by its name.</summary>
internal sealed class Constant(string name, double value) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => value;

    public override void Write(StringBuilder text) => text.Append(name);
}

/// <summary>The argument, by the name it was given.</summary>
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

/// <summary>What a function of a <see cref="CustomLR"/> sees besides; NaN for others.</summary>
internal sealed class Observation(string name, Func<LrStep, double> read) : Expression
{
    public override Precedence Precedence => Precedence.Atom;

    public override double Evaluate(double argument, double initial, LrStep? step) => step is null ? double.NaN : read(step);

    public override void Write(StringBuilder text) => text.Append(name);
}

/// <summary>An operand with its sign turned.</summary>
internal sealed class Negation(Expression operand) : Expression
{
    public override Precedence Precedence => Precedence.Sign;

    public override double Evaluate(double argument, double initial, LrStep? step) => -operand.Evaluate(argument, initial, step);

    public override void Write(StringBuilder text) => operand.Write(text.Append('-'), Precedence.Sign);
}

/// <summary>Two operands and what stands between them.</summary>
internal class Operation(Operator @operator, Expression left, Expression right) : Expression
{
    public override Precedence Precedence => @operator.Precedence;

    public override double Evaluate(double argument, double initial, LrStep? step) =>
        @operator.Apply(left.Evaluate(argument, initial, step), right.Evaluate(argument, initial, step));

    public override void Write(StringBuilder text)
    {
        // Powers group from the right, and a sign may follow ** without parentheses; all else groups from the left.
        var (ofLeft, ofRight) = Precedence switch
        {
            Precedence.Power => (Precedence.Atom, Precedence.Sign),
            // One comparison is none of another's operands.
            Precedence.Comparison => (Precedence.Sum, Precedence.Sum),
            _ => (Precedence, Precedence + 1),
        };
        left.Write(text, ofLeft);
        text.Append(' ').Append(@operator.Symbol).Append(' ');
        right.Write(text, ofRight);
    }
}

/// <summary>A number to some power. Whole powers, which are what schedules ask for, cost little.</summary>
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

/// <summary>The least or the greatest of two operands or more; NaN if one is NaN.</summary>
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

/// <summary>One of two operands, as a condition says, which holds where it is not 0.</summary>
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

/// <summary>An operand, and where it is outside two others the nearer of them: <c>min(max(x, low), high)</c>.</summary>
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
