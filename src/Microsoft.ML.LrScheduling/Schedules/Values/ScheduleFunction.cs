using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules.Expressions;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A function of one number, such as the factor of a <see cref="LambdaLR"/>. It is either an expression, which can be saved and loaded as
/// text, or a delegate, which exists only in memory.
/// </summary>
/// <remarks>
/// <para>
/// An expression computes a number from its argument <c>epoch</c>, which you can also write as <c>x</c>. Examples: <c>0.95 ** epoch</c>,
/// <c>0.5 ** (epoch // 5)</c>, <c>epoch &lt; 10 ? epoch / 10 : 1 - epoch / epochs</c>. An expression can contain numbers, <c>pi</c>,
/// <c>e</c>, the operators <c>+ - * / // % **</c>, the comparisons <c>&lt; &lt;= &gt; &gt;= == !=</c> (1 if true, otherwise 0), the
/// conditional <c>c ? a : b</c> and the functions <c>min, max, exp, log, sqrt, cos, sin, tanh, floor, ceil, round, abs, pow, clip</c>,
/// with the same precedence and meaning as in Python: <c>//</c> rounds down, <c>%</c> has the sign of its divisor, <c>-2 ** 2</c> is −4.
/// Where Python raises an error (<c>1 / 0</c>, <c>log(-1)</c>), the value is infinite or NaN; a schedule rejects such a factor, as it
/// rejects a negative one. An expression cannot call any other code.
/// </para>
/// <para>
/// <c>steps</c> and <c>epochs</c> are the length of the training run, which <see cref="LrSchedule.ForRun"/> fills in. <c>initial</c> is
/// the initial rate of the parameter group. The functions of a <see cref="CustomLR"/> can also use <c>metric</c>, <c>rate</c> and
/// <c>s0</c>, <c>s1</c> … There <c>x</c> is the step, and <c>epoch</c> the number of epochs that have ended.
/// </para>
/// <para>
/// A trainer evaluates expressions for all steps of the run before training, and calls delegates during training. Two functions are equal
/// if their expressions have the same text in <see cref="Expression"/>, or if they have the same delegate.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// ScheduleFunction decay = "0.95 ** epoch";
/// var halfWay = decay.Invoke(50);
/// </code>
/// </example>
[JsonConverter(typeof(ScheduleFunctionJsonConverter))]
public sealed class ScheduleFunction : IEquatable<ScheduleFunction>, IParsable<ScheduleFunction>
{
    private static readonly ScheduleFunction One = Parse("1", CultureInfo.InvariantCulture);

    private delegate double Function(double argument, double initial, LrStep? step);

    private readonly Function _function;
    private readonly object _identity;

    private ScheduleFunction(Function function, object identity)
    {
        (_function, _identity) = (function, identity);
        if (Expression is not { } expression) return;
        (NeedsRun, NeedsInitialRate) = (ExpressionParser.NeedsRun(expression), ExpressionParser.NeedsInitialRate(expression));
        (NeedsStep, NeedsMetric) = (ExpressionParser.NeedsStep(expression), ExpressionParser.NeedsMetric(expression));
    }

    /// <summary>The expression with uniform spacing and without unnecessary parentheses; null for a delegate.</summary>
    public string? Expression => _identity as string;

    /// <summary>Creates a function from a delegate of an integer, such as the epoch.</summary>
    /// <param name="function">The delegate. It must always return the same value for the same argument.</param>
    internal static ScheduleFunction OfEpoch(Func<int, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new ScheduleFunction((argument, _, _) => function((int)Math.Clamp(argument, int.MinValue, int.MaxValue)), function);
    }

    /// <summary>Creates a function from a delegate of a floating-point number.</summary>
    /// <param name="function">The delegate. It must always return the same value for the same argument.</param>
    public static ScheduleFunction Of(Func<double, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new ScheduleFunction((argument, _, _) => function(argument), function);
    }

    /// <summary>Creates a function of a <see cref="CustomLR"/> from a delegate.</summary>
    /// <param name="function">The delegate. It must always return the same value for the same step.</param>
    public static ScheduleFunction Of(Func<LrStep, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new ScheduleFunction((_, _, step) => function(step!), function) { NeedsStep = true, NeedsMetric = true };
    }

    /// <summary>Reads an expression.</summary>
    /// <param name="s">
    /// The expression: at most 1,000 characters in the form of <see cref="Expression"/>, with parentheses nested at most 64 levels deep.
    /// </param>
    /// <param name="provider">Ignored: expressions are the same in every culture.</param>
    /// <exception cref="FormatException">
    /// The text is not a valid expression. The message contains the column (from 1) and what was expected.
    /// </exception>
    public static ScheduleFunction Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        var (expression, canonical) = ExpressionParser.Read(s);
        // A long expression can be a deep tree, which recursion evaluates: check the stack first.
        return new ScheduleFunction(
            canonical.Length > ExpressionParser.ShortLength
                ? (argument, initial, step) => EvaluateDeep(expression, argument, initial, step)
                : expression.Evaluate,
            canonical);
    }

    /// <summary>Tries to read an expression.</summary>
    /// <param name="s">The expression.</param>
    /// <param name="provider">Ignored: expressions are the same in every culture.</param>
    /// <param name="result">The function; null if the text is not a valid expression.</param>
    public static bool TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out ScheduleFunction result)
    {
        try
        {
            result = s is null ? null : Parse(s, provider);
        }
        catch (FormatException)
        {
            result = null;
        }

        return result is not null;
    }

    /// <summary>Returns the value of the function.</summary>
    /// <param name="argument">The argument. A delegate of an integer receives it without its fraction.</param>
    /// <returns>The value. It is NaN for an expression that uses the length of a run, a rate or a metric, since there is none.</returns>
    /// <exception cref="InvalidOperationException">The function is a delegate of an <see cref="LrStep"/>.</exception>
    public double Invoke(double argument) => NeedsStep && Expression is null
        ? throw new InvalidOperationException("Only a scheduler of a CustomLR can call a delegate of an LrStep.")
        : _function(argument, double.NaN, null);

    /// <summary>Whether it is an expression that uses the length of the training run.</summary>
    internal bool NeedsRun { get; }

    /// <summary>Whether it is an expression that uses the initial rate of the parameter group.</summary>
    internal bool NeedsInitialRate { get; }

    /// <summary>
    /// Whether it uses values that only a <see cref="CustomLR"/> has, such as the metric, the rate or the state. True for a delegate of an
    /// <see cref="LrStep"/>.
    /// </summary>
    internal bool NeedsStep { get; private init; }

    /// <summary>Whether it uses a metric. True for a delegate of an <see cref="LrStep"/>, since it may use one.</summary>
    internal bool NeedsMetric { get; private init; }

    /// <summary>The number of state values that the expression needs.</summary>
    internal int StateLength => Expression is null ? 0 : ExpressionParser.StateLength(Expression);

    /// <summary>Returns the function after checking that it uses only the step, for schedules other than <see cref="CustomLR"/>.</summary>
    /// <exception cref="ArgumentException">It uses a metric, a rate or a state.</exception>
    internal static ScheduleFunction? OfStepAlone(ScheduleFunction? function, string name) => function is not { NeedsStep: true } ? function
        : throw Argument.Invalid(name, "not name metric, rate or s0, s1 …, which only the functions of CustomLR know", function);

    /// <summary>Returns the function with the length of the run filled in.</summary>
    internal ScheduleFunction For(long steps, long epochs) =>
        NeedsRun ? Parse(ExpressionParser.ForRun(Expression!, steps, epochs), CultureInfo.InvariantCulture) : this;

    /// <summary>Checks that the function does not need the length of a training run.</summary>
    /// <exception cref="InvalidOperationException">It needs the length.</exception>
    internal void CheckHasRun(LrSchedule schedule, string setting)
    {
        if (NeedsRun)
            throw new InvalidOperationException(
                $"{setting} \"{this}\" of {schedule.GetType().Name} takes its length from a training run: call "
                + "ForRun(epochs, stepsPerEpoch).");
    }

    /// <summary>The function for a forecast: an expression itself, or 1 for a delegate, which must not be called before training.</summary>
    internal ScheduleFunction Foretold => Expression is null ? One : this;

    /// <summary>Returns the value of the function after checking that it can be the factor of a rate.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="initial">The initial rate of the parameter group.</param>
    /// <param name="schedule">The schedule with the function.</param>
    /// <param name="setting">The name of the setting with the function.</param>
    /// <exception cref="ScheduleException">The value is negative, infinite or NaN.</exception>
    internal double Factor(double argument, double initial, LrSchedule schedule, string setting)
    {
        var factor = _function(argument, initial, null);
        if (!(factor is >= 0 and <= double.MaxValue)) Refuse(schedule, setting, argument, factor);
        return factor;
    }

    /// <summary>Returns the value of the function for a step of a <see cref="CustomLR"/>.</summary>
    internal double At(LrStep step) => _function(step.Step, step.InitialLearningRate, step);

    private static double EvaluateDeep(Expression expression, double argument, double initial, LrStep? step)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return expression.Evaluate(argument, initial, step);
    }

    // A separate method, so that Factor remains small enough to be inlined.
    private void Refuse(LrSchedule schedule, string setting, double argument, double factor) =>
        throw new ScheduleException(schedule, setting, this, argument, factor);

    /// <inheritdoc/>
    public bool Equals(ScheduleFunction? other) => other is not null && _identity.Equals(other._identity);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ScheduleFunction);

    /// <inheritdoc/>
    public override int GetHashCode() => _identity.GetHashCode();

    /// <summary>Returns the expression, or the word <c>delegate</c> for a delegate.</summary>
    public override string ToString() => Expression ?? "delegate";

    /// <summary>Converts a delegate of an integer.</summary>
    /// <param name="function">The delegate.</param>
    public static implicit operator ScheduleFunction(Func<int, double> function) => OfEpoch(function);

    /// <summary>Creates a function from a delegate of a floating-point number.</summary>
    /// <param name="function">The delegate.</param>
    public static implicit operator ScheduleFunction(Func<double, double> function) => Of(function);

    /// <summary>Converts an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <exception cref="FormatException">The text is not an expression.</exception>
    public static implicit operator ScheduleFunction(string expression) => Parse(expression, CultureInfo.InvariantCulture);

    /// <summary>Whether both are the same function.</summary>
    public static bool operator ==(ScheduleFunction? left, ScheduleFunction? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether they are different functions.</summary>
    public static bool operator !=(ScheduleFunction? left, ScheduleFunction? right) => !(left == right);
}
