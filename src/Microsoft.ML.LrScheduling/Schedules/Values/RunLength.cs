using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A length: a number of steps, or a fraction of the training run. <see cref="LrSchedule.ForRun"/> converts a fraction to a number of
/// steps.
/// </summary>
/// <remarks>
/// Integers and floating-point numbers convert implicitly. An integer is a number of steps: <c>tMax: 95</c>. A floating-point number is a
/// fraction of the run, in (0, 1]: <c>tMax: 0.5</c> is half of the run, <c>tMax: 1.0</c> the whole run. The number of steps is rounded
/// down, and is at least 1, also for a milestone. In a part of a <see cref="SequentialLR"/>, the run is the section between the milestones
/// of that part. A floating-point number outside its range is refused by the setting that it is given to, which the message names.
/// </remarks>
/// <example>
/// <code>
/// RunLength steps = 30, half = 0.5;
/// var schedule = LrSchedule.CosineAnnealingLR(tMax: half).ForRun(epochs: 20, stepsPerEpoch: 100);
/// Console.WriteLine($"{steps}, {half}, {schedule}");   // 30, 0.5, CosineAnnealingLR(tMax: 10)
/// </code>
/// </example>
[JsonConverter(typeof(Converter))]
public readonly record struct RunLength
{
    // A relative tolerance: larger than the rounding error of a product, but less than one step in any run.
    private const double Rounding = 1e-12;

    // In place of the steps of a fraction: there may be a hundred thousand in a list, so that they are small.
    private const long None = long.MinValue;

    private readonly long _steps;
    private readonly double _fraction;

    private RunLength(long steps, double fraction) => (_steps, _fraction) = (steps, fraction);

    /// <summary>The fraction of the run, in (0, 1]; null for a number of steps.</summary>
    public double? Fraction => _steps == None ? _fraction : null;

    /// <summary>The number of steps; null for a fraction of the run.</summary>
    public long? Count => _steps == None ? null : _steps;

    /// <summary>The number of steps of a length that is no fraction of a run.</summary>
    internal long Steps => Count
        ?? throw new InvalidOperationException($"{this} is a fraction of a training run: call ForRun(epochs, stepsPerEpoch).");

    /// <summary>Converts a number of steps.</summary>
    /// <param name="steps">The number of steps.</param>
    public static implicit operator RunLength(int steps) => new(steps, 0);

    /// <summary>Converts a fraction of the run.</summary>
    /// <param name="fraction">The fraction, in (0, 1].</param>
    public static implicit operator RunLength(double fraction) => new(None, fraction);

    /// <summary>Returns the number of steps, or the fraction with a decimal point: <c>95</c>, <c>0.5</c>, <c>1.0</c>.</summary>
    public override string ToString() => Fraction switch
    {
        null => _steps.ToString(CultureInfo.InvariantCulture),
        { } fraction => fraction.ToString(IsWhole(fraction) ? "F1" : "R", CultureInfo.InvariantCulture),
    };

    /// <summary>Returns the length after checking that it is a fraction of a run, or has at least this number of steps.</summary>
    internal static RunLength AtLeast(RunLength value, int least, string name)
    {
        if (value.Count is { } steps) Argument.AtLeast(steps, least, name);
        else if (value.Fraction is not (> 0 and <= 1))
        {
            var whole = IsWhole(value._fraction) ? $"a whole number ({value._fraction:F0}, not {value})" : "a whole number";
            throw Argument.OutOfRange(name, FormattableString.Invariant($"{whole}, or a fraction of the run in (0, 1]"), value);
        }

        return value;
    }

    /// <summary>Converts a fraction of a run with this number of steps to a number of steps.</summary>
    internal RunLength Of(long steps) =>
        Fraction is { } fraction ? new((long)Math.Min(Math.Floor(fraction * steps * (1 + Rounding)), int.MaxValue), 0) : this;

    /// <summary>Returns the length, which must be a number of steps, or <paramref name="least"/> if it is less.</summary>
    internal RunLength OrMore(int least) => _steps < least ? least : this;

    private static bool IsWhole(double fraction) => Math.Abs(fraction) <= int.MaxValue && fraction == Math.Floor(fraction);

    private sealed class Converter : JsonConverter<RunLength>
    {
        public override RunLength Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.Number) throw new JsonException();
            if (reader.TryGetInt32(out var steps)) return steps;
            if (!reader.TryGetDouble(out var number)) throw new JsonException();
            if (number is > 0 and <= 1) return number;
            if (number > int.MaxValue) throw new JsonException(message: null, new OverflowException());
            // In JSON, 2.0 is an integer too.
            return number >= 0 && number == Math.Floor(number) ? (int)number : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, RunLength value, JsonSerializerOptions options)
        {
            if (value.Count is { } steps) writer.WriteNumberValue(steps);
            else writer.WriteRawValue(value.ToString());
        }
    }
}
