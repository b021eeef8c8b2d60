using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Writes the text form of a schedule, which <see cref="ScheduleTextParser"/> reads.</summary>
internal static class ScheduleText
{
    /// <summary>
    /// Returns the type and, in parentheses, the settings that differ from their defaults. The inner schedules come first, without a name.
    /// </summary>
    public static string Write(LrSchedule schedule)
    {
        var text = new StringBuilder();
        Append(text, schedule, around: null);
        return text.ToString();
    }

    /// <summary>Returns a value in the text form.</summary>
    public static string Write(object? value)
    {
        var text = new StringBuilder();
        Append(text, value, around: null);
        return text.ToString();
    }

    private static void Append(StringBuilder text, LrSchedule schedule, ScheduleInterval? around)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var kind = ScheduleKind.Of(schedule);
        var separator = "";
        text.Append(kind.Name).Append('(');
        var within = kind.IntervalWithin(schedule, around);
        foreach (var (property, value) in kind.Written(schedule, around).OrderBy(written => written.Property != kind.Composed))
        {
            text.Append(separator);
            if (property != kind.Composed) text.Append(property.Name).Append(": ");
            Append(text, value, within);
            separator = ", ";
        }

        text.Append(')');
    }

    private static void Append(StringBuilder text, object? value, ScheduleInterval? around)
    {
        switch (value)
        {
            case LrSchedule schedule:
                Append(text, schedule, around);
                break;
            case PerGroup<double> { Count: 1 } shared:
                Append(text, shared[0], around);
                break;
            case PerGroup<ScheduleFunction> { Count: 1 } shared:
                Append(text, shared[0], around);
                break;
            case ValueList<RunLength> numbers:
                AppendLengths(text, numbers.AsSpan());
                break;
            case ValueList<double> numbers:
                AppendNumbers(text, numbers.AsSpan());
                break;
            case IEnumerable values:
                AppendList(text, values, around);
                break;
            case ScheduleFunction { Expression: { } expression }:
                text.Append('"').Append(expression).Append('"');
                break;
            case bool or Enum:
                text.Append(JsonNamingPolicy.CamelCase.ConvertName(value.ToString()!));
                break;
            case null:
                text.Append("null");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
        }
    }

    private static void AppendLengths(StringBuilder text, ReadOnlySpan<RunLength> lengths)
    {
        text.Append('[');
        for (var i = 0; i < lengths.Length; i++)
        {
            if (i > 0) text.Append(", ");
            if (lengths[i].Count is { } steps) text.Append(CultureInfo.InvariantCulture, $"{steps}");
            else text.Append(lengths[i].ToString());
        }

        text.Append(']');
    }

    // A list of numbers can be very long. Without the boxing of AppendList it takes much less memory.
    private static void AppendNumbers<T>(StringBuilder text, ReadOnlySpan<T> numbers)
    {
        text.Append('[');
        for (var i = 0; i < numbers.Length; i++)
            text.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{numbers[i]}");
        text.Append(']');
    }

    private static void AppendList(StringBuilder text, IEnumerable values, ScheduleInterval? around)
    {
        var separator = "";
        text.Append('[');
        foreach (var value in values)
        {
            Append(text.Append(separator), value, around);
            separator = ", ";
        }

        text.Append(']');
    }
}
