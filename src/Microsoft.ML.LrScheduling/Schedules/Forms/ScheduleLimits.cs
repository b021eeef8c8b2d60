using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The limits of a schedule. Readers check them before they create any object, so that a larger text cannot use much memory.
/// </summary>
internal static class ScheduleLimits
{
    /// <summary>The maximum number of functions in a schedule and all schedules within it.</summary>
    public const int MostFunctions = 2000;

    /// <summary>The maximum number of characters in the expressions of these functions.</summary>
    public const int MostCharacters = 100_000;

    private const string Functions = "functions";

    private static readonly FrozenSet<string> FunctionNames = ScheduleKind.All.Values.SelectMany(kind => kind.Functions)
        .Select(property => property.Name).ToFrozenSet();

    /// <summary>Checks the number and the length of functions.</summary>
    /// <exception cref="ArgumentException">There are too many functions, or their expressions are too long in total.</exception>
    public static void Check(IEnumerable<ScheduleFunction> functions)
    {
        var (count, length) = (0, 0);
        foreach (var function in functions) (count, length) = (count + 1, length + (function.Expression?.Length ?? 0));
        if (Refusal(count, length) is { } rule) throw Argument.Invalid(Functions, rule.Text, rule.Received);
    }

    /// <summary>The rule that these numbers break, and the number; null if they break none.</summary>
    /// <param name="count">The number of functions.</param>
    /// <param name="length">The number of characters in their expressions.</param>
    public static (string Text, int Received)? Refusal(int count, int length) =>
        count > MostFunctions ? ($"be at most {MostFunctions}, all levels together", count)
        : length > MostCharacters ? ($"have at most {MostCharacters} characters, all levels together", length)
        : null;

    /// <summary>Checks the number of schedules and functions in JSON, without creating any object.</summary>
    /// <param name="reader">
    /// The reader, before or at the start of the schedule. It is a copy: the reader of the caller does not move.
    /// </param>
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
