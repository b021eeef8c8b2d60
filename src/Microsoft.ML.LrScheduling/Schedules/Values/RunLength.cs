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
/// of that part.
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
    // Far more than what a product is rounded by, and less than a step.
    private const double Rounding = 1e-12;

    private readonly long _steps;

    // 0 for a number of steps: there may be a hundred thousand in a list, so that they are small.
    private readonly double _part;

    private RunLength(long steps, double part) => (_steps, _part) = (steps, part);

    /// <summary>The fraction of the run, in (0, 1]; null for a number of steps.</summary>
    public double? Part => _part > 0 ? _part : null;

    /// <summary>The number of steps; null for a fraction of the run.</summary>
    public long? Count => Part is null ? _steps : null;

    /// <summary>The number of steps of a length that is no part of a run.</summary>
    internal long Steps => Part is null
        ? _steps : throw new InvalidOperationException($"{this} is a part of a training run: call ForRun(epochs, stepsPerEpoch).");

    /// <summary>Converts a number of steps.</summary>
    /// <param name="steps">The number of steps.</param>
    public static implicit operator RunLength(int steps) => new(steps, 0);

    /// <summary>Converts a fraction of the run.</summary>
    /// <param name="part">The fraction, in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is outside its range.</exception>
    public static implicit operator RunLength(double part) => new(0, part is > 0 and <= 1
        ? part : throw Argument.OutOfRange("length", "a whole number of steps, or a part of the run in (0, 1]", part));

    /// <summary>Returns the number of steps, or the fraction with a decimal point: <c>95</c>, <c>0.5</c>, <c>1.0</c>.</summary>
    public override string ToString() => Part switch
    {
        null => _steps.ToString(CultureInfo.InvariantCulture),
        1 => "1.0",
        { } part => part.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Returns a length that is a part, or at least so many steps.</summary>
    internal static RunLength AtLeast(RunLength value, int least, string name)
    {
        if (value.Part is null) Argument.AtLeast(value._steps, least, name);
        return value;
    }

    /// <summary>The steps of a run of so many, which are no more than a schedule may have.</summary>
    internal RunLength Of(long steps) =>
        Part is { } part ? new((long)Math.Min(Math.Floor(part * steps * (1 + Rounding)), int.MaxValue), 0) : this;

    /// <summary>The larger of it, which is a number of steps, and another number.</summary>
    internal RunLength OrMore(int least) => _steps < least ? least : this;

    private sealed class Converter : JsonConverter<RunLength>
    {
        public override RunLength Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.Number) throw new JsonException();
            if (reader.TryGetInt32(out var steps)) return steps;
            if (!reader.TryGetDouble(out var number)) throw new JsonException();
            if (number is > 0 and <= 1) return number;
            if (number > int.MaxValue) throw new JsonException(message: null, new OverflowException());
            // As JSON has whole numbers too.
            return number >= 0 && number == Math.Floor(number) ? (int)number : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, RunLength value, JsonSerializerOptions options)
        {
            if (value.Count is { } steps) writer.WriteNumberValue(steps);
            else writer.WriteRawValue(value.ToString());
        }
    }
}
