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
        // The difference of the bounds can be infinite.
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
        // The clamp makes both ends exact in spite of rounding.
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

    /// <summary>Draws an index into a list of values. Only the chosen value is described.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="count">The number of values, at least one.</param>
    /// <param name="describe">Returns a value as text, and as a number if it is one.</param>
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

    /// <summary>The hyperparameters that have been drawn, in order.</summary>
    internal IReadOnlyList<Hyperparameter> Drawn => _drawn;

    /// <summary>Draws a number in [0, 1].</summary>
    private protected abstract double Unit();

    /// <summary>Draws an integer, including both bounds.</summary>
    private protected abstract long IntegerOf(int minimum, int maximum);

    /// <summary>Draws an integer by its logarithm, including both bounds.</summary>
    private protected abstract long LogIntegerOf(int minimum, int maximum);

    /// <summary>Draws an index in [0, count).</summary>
    private protected abstract int Index(int count);

    /// <summary>Converts a number in [0, 1] to an integer between the bounds, on a logarithmic scale.</summary>
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
    /// <summary>The text of a null value.</summary>
    internal const string None = "none";

    /// <summary>The maximum number of characters of a text in messages. Schedules are texts too, and can be long.</summary>
    internal const int LongestShown = 200;

    /// <summary>
    /// The value for messages: an integer with all its digits, another number with four digits, otherwise its text, shortened if it is
    /// long.
    /// </summary>
    internal string ValueText => Number is { } number
        ? number.ToString(IsWhole(number) ? "F0" : "G4", CultureInfo.InvariantCulture)
        : OneLine.Short(Text, LongestShown);

    // Below 1e15 every integer is exact as a double.
    private static bool IsWhole(double number) => number == Math.Floor(number) && Math.Abs(number) < 1e15;

    /// <summary>Returns the name and the value, shortened if they are long.</summary>
    public override string ToString() => $"{OneLine.Short(Name)}: {ValueText}";
}
