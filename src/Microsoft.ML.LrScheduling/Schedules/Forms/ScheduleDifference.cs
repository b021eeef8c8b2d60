using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Describes the first difference between two schedules.</summary>
internal static class ScheduleDifference
{
    private const int LongestShown = 300;
    private const int LongestText = 10_000;

    /// <summary>
    /// The text that identifies a schedule in a saved state. It is the text of the schedule; for a long text, such as one with a hundred
    /// thousand milestones, it is the beginning and a hash.
    /// </summary>
    public static string TextOf(LrSchedule schedule)
    {
        var text = schedule.ToString();
        return text.Length <= LongestText
            ? text : $"{text[..LongestShown]}… (SHA-256 {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))})";
    }

    /// <summary>
    /// The first difference, such as <c>stepSize of StepLR was 3 and is 1</c>; null if there is none, or if it cannot be determined.
    /// </summary>
    /// <param name="was">The text of the earlier schedule; null if it is not known.</param>
    /// <param name="now">The current schedule.</param>
    public static string? Between(string? was, LrSchedule now)
    {
        if (was is null || TextOf(now) is var text && was == text) return null;
        // The text may be unreadable because it contains a delegate. If it is readable, it may be another spelling of an equal schedule.
        return LrSchedule.TryParse(was, null, out var before) ? before == now ? null : First(before, now) : Whole(was, text);
    }

    private static string First(LrSchedule was, LrSchedule now)
    {
        if (was.GetType() != now.GetType()) return Whole(was.ToString(), now.ToString());
        var kind = ScheduleKind.Of(now);
        foreach (var property in kind.Properties)
        {
            var (before, after) = (property.Get(was), property.Get(now));
            if (Equals(before, after)) continue;
            if (before is LrSchedule partBefore && after is LrSchedule part) return $"within {kind.Name}, {First(partBefore, part)}";
            if (before is ValueList<LrSchedule> partsBefore && after is ValueList<LrSchedule> parts && parts.Count == partsBefore.Count)
            {
                var i = Enumerable.Range(0, parts.Count).First(i => partsBefore[i] != parts[i]);
                return $"within schedule {i + 1} of {kind.Name}, {First(partsBefore[i], parts[i])}";
            }

            return $"{property.Name} of {kind.Name} was {Short(ScheduleText.Write(before))} and is {Short(ScheduleText.Write(after))}";
        }

        return Whole(was.ToString(), now.ToString());
    }

    private static string Whole(string was, string now) => $"it was {Short(was)} and is {Short(now)}";

    private static string Short(string text) => text.Length > LongestShown ? $"{text[..LongestShown]}…" : text;
}
