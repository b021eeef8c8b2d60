using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>How much there may be in a schedule, which readers count before they build anything.</summary>
internal static class ScheduleLimits
{
    /// <summary>The most functions, all levels together.</summary>
    public const int MostFunctions = 2000;

    /// <summary>The most characters of their expressions, all levels together.</summary>
    public const int MostCharacters = 100_000;

    private const string Functions = "functions";

    private static readonly FrozenSet<string> FunctionNames = ScheduleKind.All.Values.SelectMany(kind => kind.Functions)
        .Select(property => property.Name).ToFrozenSet();

    /// <summary>Refuses more functions than there may be.</summary>
    /// <exception cref="ArgumentException">They are too many, or too long together.</exception>
    public static void Check(IEnumerable<ScheduleFunction> functions)
    {
        var (count, length) = (0, 0);
        foreach (var function in functions) (count, length) = (count + 1, length + (function.Expression?.Length ?? 0));
        if (Refusal(count, length) is { } rule) throw Argument.Invalid(Functions, rule.Text, rule.Received);
    }

    /// <summary>What is wrong with so many functions of so many characters; null for nothing.</summary>
    public static (string Text, int Received)? Refusal(int count, int length) =>
        count > MostFunctions ? ($"be at most {MostFunctions}, all levels together", count)
        : length > MostCharacters ? ($"have at most {MostCharacters} characters, all levels together", length)
        : null;

    /// <summary>Refuses JSON that holds more schedules or functions than one may have, without keeping any of it.</summary>
    /// <param name="reader">Before the schedule or at its beginning; a copy, so that the caller's stays there.</param>
    /// <exception cref="JsonException">There are too many.</exception>
    public static void Check(Utf8JsonReader reader)
    {
        var (objects, open, count, length, isFunction) = (0, 0, 0, 0, false);
        if (reader.TokenType == JsonTokenType.None) reader.Read();
        var depth = reader.CurrentDepth;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.EndObject:
                    open--;
                    break;
                case JsonTokenType.StartObject when ++open > CompositeSchedule.MaximumDepth:
                    throw new JsonException($"$: schedules must be nested at most {CompositeSchedule.MaximumDepth} deep. Received: more");
                case JsonTokenType.StartObject when ++objects > CompositeSchedule.MaximumSize:
                    throw new JsonException(
                        $"$: schedules must be at most {CompositeSchedule.MaximumSize}, all levels together. Received: more");
                case JsonTokenType.PropertyName:
                    isFunction = FunctionNames.Contains(reader.GetString()!);
                    break;
                case JsonTokenType.String when isFunction:
                    (count, length) = (count + 1, length + (reader.ValueIsEscaped ? reader.GetString()!.Length : reader.ValueSpan.Length));
                    if (Refusal(count, length) is { } rule)
                        throw new JsonException($"$: {Functions} must {rule.Text}. Received: {rule.Received} or more");
                    break;
            }
        }
        while (reader.Read() && reader.CurrentDepth > depth);
    }
}
