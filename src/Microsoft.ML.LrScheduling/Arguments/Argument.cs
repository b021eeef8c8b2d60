using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Checks arguments. All messages have the same form: <c>gamma must be in [0, ∞). Received: -0.1</c>.</summary>
internal static class Argument
{
    /// <summary>Returns <paramref name="value"/> if it is positive and finite.</summary>
    public static double Positive(double value, string name) =>
        value > 0 && double.IsFinite(value) ? value : throw OutOfRange(name, "in (0, ∞)", value);

    /// <summary>Returns <paramref name="value"/> if it is at least 1, and finite.</summary>
    public static double OneOrMore(double value, string name) =>
        value >= 1 && double.IsFinite(value) ? value : throw OutOfRange(name, "in [1, ∞)", value);

    /// <summary>Returns <paramref name="value"/> if it is finite.</summary>
    public static double Finite(double value, string name) =>
        double.IsFinite(value) ? value + 0.0 : throw OutOfRange(name, "a finite number", value);

    /// <summary>Returns <paramref name="value"/> if it is zero or positive, and finite.</summary>
    public static double NonNegative(double value, string name) =>
        // Adding 0 converts −0 to 0, so that messages and files do not show a sign.
        value >= 0 && double.IsFinite(value) ? value + 0.0 : throw OutOfRange(name, "in [0, ∞)", value);

    /// <summary>Returns <paramref name="value"/> if it is zero or positive, and at most the largest <see cref="float"/>.</summary>
    public static double NonNegativeSingle(double value, string name) =>
        value is >= 0 and <= float.MaxValue ? value + 0.0 : throw OutOfRange(name, "in [0, 3.4e38]", value);

    /// <summary>Returns <paramref name="value"/> if it lies strictly between 0 and 1.</summary>
    public static double Fraction(double value, string name) =>
        value is > 0 and < 1 ? value : throw OutOfRange(name, "in (0, 1)", value);

    /// <summary>Returns <paramref name="value"/> if it is between 0 and 1; it can be 0, but not 1.</summary>
    public static double FractionOrZero(double value, string name) =>
        value is >= 0 and < 1 ? value : throw OutOfRange(name, "in [0, 1)", value);

    /// <summary>Returns <paramref name="value"/> if it is positive and at most 1.</summary>
    public static double PositiveUpToOne(double value, string name) =>
        value is > 0 and <= 1 ? value : throw OutOfRange(name, "in (0, 1]", value);

    /// <summary>Returns <paramref name="value"/> if it lies between 0 and 1, both included.</summary>
    public static double UpToOne(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw OutOfRange(name, "in [0, 1]", value);

    /// <summary>Returns <paramref name="value"/> if it is at least <paramref name="minimum"/>.</summary>
    public static T AtLeast<T>(T value, T minimum, string name) where T : IBinaryInteger<T> =>
        value >= minimum ? value : throw OutOfRange(name, $"at least {minimum}", value);

    /// <summary>Returns <paramref name="value"/> if it is a defined member of its enum.</summary>
    public static T Defined<T>(T value, string name) where T : struct, Enum =>
        Enum.IsDefined(value) ? value : throw OutOfRange(name, $"one of {string.Join(", ", Enum.GetNames<T>())}", value);

    /// <summary>Throws an exception if the name of a column is null or empty.</summary>
    public static void ColumnName(string? value, string name)
    {
        if (string.IsNullOrEmpty(value))
            throw new ArgumentException($"{name} must be the name of a column. Received: {(value is null ? "null" : "an empty name")}",
                name);
    }

    /// <summary>Returns <paramref name="value"/> if it can be the path of a file or a folder.</summary>
    public static string Path(string value, string name) =>
        string.IsNullOrWhiteSpace(value) ? throw Invalid(name, "be a path", "an empty one")
        : value.Contains('\0', StringComparison.Ordinal) ? throw Invalid(name, "be a path", "one with a character NUL")
        : value;

    /// <summary>
    /// Creates the exception for an argument that breaks a rule other than a range, such as <c>hold at least one step</c>.
    /// </summary>
    public static ArgumentException Invalid(string name, string rule, object? received) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} must {rule}. Received: {received}"), name);

    /// <summary>Returns the message of an exception without the name of the parameter that .NET appends.</summary>
    public static string MessageOf(ArgumentException e) =>
        e.ParamName is { } name ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message;

    /// <summary>Creates the exception for an argument outside its allowed range.</summary>
    public static ArgumentOutOfRangeException OutOfRange(string name, string allowed, object? value) =>
        new(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be {allowed}. Received: {value}"));
}
