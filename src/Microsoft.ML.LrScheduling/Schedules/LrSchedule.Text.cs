using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.LrScheduling.Schedules;

[TypeConverter(typeof(LrScheduleTypeConverter))]
public abstract partial record LrSchedule : IParsable<LrSchedule>
{
    /// <summary>
    /// The schedule as text that <see cref="Parse"/> reads: <c>StepLR(stepSize: 30)</c>,
    /// <c>SequentialLR([LinearLR(startFactor: 0.01, totalIters: 5), CosineAnnealingLR(tMax: 95)], milestones: [5])</c>. Settings that are
    /// the defaults are left out, but for lengths; a function made from a delegate shows as <c>delegate</c>, which cannot be read.
    /// </summary>
    public sealed override string ToString() => ScheduleText.Write(this);

    /// <summary>Reads a schedule from text.</summary>
    /// <param name="s">What <see cref="ToString"/> gives, or the like. Expressions may stand in double or single quotes.</param>
    /// <param name="provider">Not used: the text is the same in every culture.</param>
    /// <exception cref="FormatException">
    /// The text is not that of a schedule, names an unknown kind or setting, lacks a required one, or holds a value out of range. The
    /// message has the column (from 1).
    /// </exception>
    public static LrSchedule Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return ScheduleTextParser.Read(s);
    }

    /// <summary>Reads a schedule from text, if it is that of one.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used: the text is the same in every culture.</param>
    /// <param name="result">The schedule; null if the text is not that of one.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out LrSchedule result)
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
}
