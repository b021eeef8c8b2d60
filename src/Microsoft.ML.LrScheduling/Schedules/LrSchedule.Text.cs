using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.LrScheduling.Schedules;

[TypeConverter(typeof(LrScheduleTypeConverter))]
public abstract partial record LrSchedule : IParsable<LrSchedule>
{
    /// <summary>
    /// Returns the schedule as text that <see cref="Parse"/> can read: <c>StepLR(stepSize: 30)</c>, <c>SequentialLR([LinearLR(startFactor:
    /// 0.01, totalIters: 5), CosineAnnealingLR(tMax: 95)], milestones: [5])</c>. Settings at their defaults are omitted, except for
    /// lengths. A function from a delegate is written as <c>delegate</c>, which <see cref="Parse"/> cannot read.
    /// </summary>
    public sealed override string ToString() => ScheduleText.Write(this);

    /// <summary>Reads a schedule from text.</summary>
    /// <param name="s">
    /// A schedule in the format that <see cref="ToString"/> writes. You can put expressions in double or single quotes.
    /// </param>
    /// <param name="provider">Ignored: the text is the same in every culture.</param>
    /// <exception cref="FormatException">
    /// The text is not a schedule, names an unknown type or setting, lacks a required setting, or has a value that is out of range. The
    /// message contains the column (from 1).
    /// </exception>
    public static LrSchedule Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return ScheduleTextParser.Read(s);
    }

    /// <summary>Tries to read a schedule from text.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the text is the same in every culture.</param>
    /// <param name="result">The schedule; null if the text is not a valid schedule.</param>
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
