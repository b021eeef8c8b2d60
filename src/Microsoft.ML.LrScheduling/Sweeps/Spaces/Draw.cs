using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Draws the values of the hyperparameters of one trial. A search space asks for each hyperparameter by name. Which hyperparameters it
/// asks for can depend on the values of others.
/// </summary>
public abstract class Draw
{
    private readonly List<Hyperparameter> _drawn = [];

    private protected Draw()
    {
    }

    /// <summary>
    /// Draws a number from an interval with a uniform distribution. In a grid, the numbers are evenly spaced and include both ends.
    /// </summary>
    /// <param name="name">The name of the hyperparameter. A trial can ask for each name only once.</param>
    /// <param name="minimum">The smallest value, finite.</param>
    /// <param name="maximum">The largest value, above <paramref name="minimum"/>.</param>
    /// <exception cref="ArgumentException">A bound or the name is not valid.</exception>
    public double Range(string name, double minimum, double maximum)
    {
        if (!(double.IsFinite(minimum) && double.IsFinite(maximum) && minimum < maximum))
            throw Bounds(name, "finite, and the first below the second", minimum, maximum);
        var unit = Unit();
        // The distance of bounds may be more than a number can be.
        return Take(name, double.IsFinite(maximum - minimum)
            ? minimum + (maximum - minimum) * unit
            : minimum * (1 - unit) + maximum * unit);
    }

    /// <summary>
    /// Draws a number from an interval with a log-uniform distribution. Use it for values whose order of magnitude matters, such as
    /// learning rates.
    /// </summary>
    /// <param name="name">The name of the hyperparameter. A trial can ask for each name only once.</param>
    /// <param name="minimum">The smallest value, in (0, ∞).</param>
    /// <param name="maximum">The largest value, above <paramref name="minimum"/>.</param>
    /// <exception cref="ArgumentException">A bound or the name is not valid.</exception>
    public double LogRange(string name, double minimum, double maximum)
    {
        if (!(minimum > 0 && double.IsFinite(maximum) && minimum < maximum))
            throw Bounds(name, "in (0, ∞), and the first below the second", minimum, maximum);
        var unit = Unit();
        var value = double.IsFinite(maximum / minimum)
            ? minimum * Math.Pow(maximum / minimum, unit)
            : Math.Exp(Math.Log(minimum) * (1 - unit) + Math.Log(maximum) * unit);
        // Both ends as they were given, whatever the logarithm rounds to.
        return Take(name, Math.Clamp(value, minimum, maximum));
    }

    /// <summary>
    /// Draws an integer with a uniform distribution. In a grid, the integers are about evenly spaced and include both ends.
    /// </summary>
    /// <param name="name">The name of the hyperparameter. A trial can ask for each name only once.</param>
    /// <param name="minimum">The smallest value.</param>
    /// <param name="maximum">The largest value, at least <paramref name="minimum"/>.</param>
    /// <exception cref="ArgumentException">A bound or the name is not valid.</exception>
    public int Integer(string name, int minimum, int maximum)
    {
        if (minimum > maximum) throw Bounds(name, "in ascending order", minimum, maximum);
        return (int)Take(name, IntegerOf(minimum, maximum));
    }

    /// <summary>Draws an integer with an approximately log-uniform distribution. Use it for sizes, such as the batch size.</summary>
    /// <param name="name">The name of the hyperparameter. A trial can ask for each name only once.</param>
    /// <param name="minimum">The smallest value, at least 1.</param>
    /// <param name="maximum">The largest value, at least <paramref name="minimum"/>.</param>
    /// <exception cref="ArgumentException">A bound or the name is not valid.</exception>
    public int LogInteger(string name, int minimum, int maximum)
    {
        if (minimum < 1 || minimum > maximum) throw Bounds(name, "at least 1, and in ascending order", minimum, maximum);
        return (int)Take(name, LogIntegerOf(minimum, maximum));
    }

    /// <summary>Draws one of the given values with equal probability. In a grid, each value is used.</summary>
    /// <param name="name">The name of the hyperparameter. A trial can ask for each name only once.</param>
    /// <param name="values">The values, at least one. Reports and journals show them by their <c>ToString</c> text.</param>
    /// <exception cref="ArgumentException">There are no values, or the name is not valid.</exception>
    public T Choice<T>(string name, params ReadOnlySpan<T> values)
    {
        if (values.IsEmpty)
            throw new ArgumentException(
                $"{OneLine.Short(name)} must have at least one value to choose from. Received: none", nameof(values));
        var value = values[Index(values.Length)];
        Check(name);
        double? number = value is IConvertible
            and not (string or bool or char or Enum or DateTime) ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : null;
        var text = value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
        _drawn.Add(new Hyperparameter(name, text ?? Hyperparameter.None, number));
        return value;
    }

    /// <summary>A place in a list of values that have names only where they are asked for.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="count">The values, at least one.</param>
    /// <param name="describe">A value as text, and as a number where it is one.</param>
    /// <exception cref="ArgumentException">There are no values, or the name is not valid.</exception>
    internal int Place(string name, int count, Func<int, (string Text, double? Number)> describe)
    {
        if (count == 0) throw new ArgumentException(
            $"{OneLine.Short(name)} must have at least one value to choose from. Received: none");
        var place = Index(count);
        Check(name);
        var (text, number) = describe(place);
        _drawn.Add(new Hyperparameter(name, text, number));
        return place;
    }

    /// <summary>What has been asked for, in this order.</summary>
    internal IReadOnlyList<Hyperparameter> Drawn => _drawn;

    /// <summary>Where in an interval from 0 to 1.</summary>
    private protected abstract double Unit();

    /// <summary>An integer, both bounds included.</summary>
    private protected abstract long IntegerOf(int minimum, int maximum);

    /// <summary>An integer by its logarithm, both bounds included.</summary>
    private protected abstract long LogIntegerOf(int minimum, int maximum);

    /// <summary>A place in a list.</summary>
    private protected abstract int Index(int count);

    /// <summary>The integer that is so far from one bound to the other, from 0 to 1.</summary>
    private protected static long LogInteger(int minimum, int maximum, double unit) =>
        Math.Clamp((long)Math.Round(minimum * Math.Pow((double)maximum / minimum, unit)), minimum, maximum);

    private double Take(string name, double value)
    {
        Check(name);
        _drawn.Add(new Hyperparameter(name, value.ToString("R", CultureInfo.InvariantCulture), value));
        return value;
    }

    private void Check(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("The name of a hyperparameter must not be empty.", nameof(name));
        if (_drawn.Exists(known => known.Name == name))
            throw new ArgumentException($"A trial must ask for each hyperparameter only once: keep its value in a variable. "
                + $"Received: {OneLine.Short(name)} again", nameof(name));
    }

    private static ArgumentException Bounds(string name, string allowed, double minimum, double maximum) =>
        new(FormattableString.Invariant($"The bounds of {OneLine.Short(name)} must be {allowed}. Received: {minimum} and {maximum}"));
}

/// <summary>The value of a hyperparameter in a trial.</summary>
/// <param name="Name">The name of the hyperparameter.</param>
/// <param name="Text">The value as text.</param>
/// <param name="Number">The value as a number; null if it is not a number.</param>
public sealed record Hyperparameter(string Name, string Text, double? Number)
{
    /// <summary>What a value is called that is null.</summary>
    internal const string None = "none";

    /// <summary>The most characters of a text that are shown of it, where schedules are texts too.</summary>
    internal const int LongestShown = 200;

    /// <summary>
    /// The value in a line: a whole number with all its digits, another one to four digits, else its text, of a long one the beginning.
    /// </summary>
    internal string ValueText => Number is { } number
        ? number.ToString(IsWhole(number) ? "F0" : "G4", CultureInfo.InvariantCulture)
        : OneLine.Short(Text, LongestShown);

    // As far as numbers have all their digits.
    private static bool IsWhole(double number) => number == Math.Floor(number) && Math.Abs(number) < 1e15;

    /// <summary>Returns the name and the value, shortened if they are long.</summary>
    public override string ToString() => $"{OneLine.Short(Name)}: {ValueText}";
}
