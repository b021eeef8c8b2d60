using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Interpolates between given points. At step <c>milestones[i]</c> the rate is <c>initial · factors[i]</c>. Between two points the rate
/// stays at the first point (<see cref="Interpolation.Constant"/>), or moves to the second point along a straight line
/// (<see cref="Interpolation.Linear"/>) or half a cosine (<see cref="Interpolation.Cosine"/>).
/// </summary>
/// <remarks>
/// Before the first point the rate is that of the first point; after the last point it is that of the last point. If milestones are equal,
/// the last of them counts. Source: TensorFlow's <c>PiecewiseConstantDecay</c>, Optax' <c>piecewise_interpolate_schedule</c>.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.PiecewiseLR(milestones: [0, 2, 5], factors: [0, 1, 0.1], Interpolation.Linear);
/// var rates = schedule.Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0, 0.5, 1, 0.7, 0.4, 0.1
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record PiecewiseLR : FactorSchedule
{
    internal PiecewiseLR()
    {
    }

    /// <summary>The steps of the points, at least one: each at least 0, in ascending order.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A milestone is negative, or less than the one before it.</exception>
    public required ValueList<RunLength> Milestones
    {
        get;
        init => field = value.Count > 0
            ? Schedules.Milestones.Checked(value)
            : throw Argument.Invalid("milestones", "hold at least one step", "none");
    }

    /// <summary>The factors at the points, each in [0, ∞): one per milestone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A factor is negative, NaN or infinite.</exception>
    public required ValueList<double> Factors
    {
        get;
        init
        {
            foreach (var factor in value) Argument.NonNegative(factor, "factors");
            field = value;
        }
    }

    /// <summary>The interpolation between two points. Default: the factor of the first point.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Interpolation"/>.</exception>
    public Interpolation Interpolation { get; init => field = Argument.Defined(value, "interpolation"); }

    internal override double FactorAt(long step)
    {
        var passed = Schedules.Milestones.CountUpTo(step, Milestones);
        if (passed == 0) return Factors[0];
        var (from, first) = (Milestones[passed - 1].Steps, Factors[passed - 1]);
        if (passed == Milestones.Count || Interpolation == Interpolation.Constant) return first;
        var way = (double)(step - from) / (Milestones[passed].Steps - from);
        return Curves.Between(first, Factors[passed], Interpolation == Interpolation.Linear ? Curves.Line(way) : Curves.Cosine(way));
    }

    internal override void CheckSettings()
    {
        if (Factors.Count != Milestones.Count)
            throw new ArgumentException($"factors must hold as many values as milestones ({Milestones.Count}). Received: {Factors.Count}",
                "factors");
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that interpolates between given points. See <see cref="Schedules.PiecewiseLR"/>.</summary>
    /// <param name="milestones">The steps of the points, at least one: each at least 0, in ascending order.</param>
    /// <param name="factors">The factors at the points, each in [0, ∞): one per milestone.</param>
    /// <param name="interpolation">The interpolation between two points.</param>
    /// <exception cref="ArgumentException">
    /// There is no milestone, or the number of factors differs from the number of milestones.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static PiecewiseLR PiecewiseLR(
        ValueList<RunLength> milestones, ValueList<double> factors, Interpolation interpolation = Interpolation.Constant) =>
        Checked(new PiecewiseLR { Milestones = milestones, Factors = factors, Interpolation = interpolation });
}
