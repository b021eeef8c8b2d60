namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>What somebody who wrote an unknown name may have meant.</summary>
internal static class Suggestion
{
    private const int LongestName = 60;

    /// <summary>
    /// <c> Did you mean stepSize?</c> for <c>step_size</c>; empty where no known name is like the one given. Case and underscores do not
    /// count. A name is like another that it is part of, from which it differs in at most a third of its letters, or whose words begin with
    /// its letters, as AUC does for areaUnderRocCurve.
    /// </summary>
    /// <param name="name">The name that was given.</param>
    /// <param name="known">The names that there are.</param>
    public static string For(string name, IEnumerable<string> known) =>
        Closest(name, known) is { } closest ? $" Did you mean {closest}?" : "";

    /// <summary>The known name that is most like the one given; null for none.</summary>
    /// <param name="name">The name that was given.</param>
    /// <param name="known">The names that there are.</param>
    public static string? Closest(string name, IEnumerable<string> known)
    {
        var given = Plain(name);
        if (given.Length is 0 or > LongestName) return null;
        var best =
            from candidate in known
            let plain = Plain(candidate)
            let distance = Distance(given, plain)
            where distance <= Math.Max(1, given.Length / 3)
                || (given.Length > 2 && (plain.Contains(given, StringComparison.Ordinal) || IsShort(given, candidate)))
            orderby distance
            select candidate;
        return best.FirstOrDefault();
    }

    private static bool IsShort(string given, string name)
    {
        var found = 0;
        for (var i = 0; i < name.Length && found < given.Length; i++)
            if ((i == 0 || char.IsUpper(name[i])) && char.ToLowerInvariant(name[i]) == given[found])
                found++;
        return found == given.Length;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Levenshtein's distance: the letters to put in, take out or exchange to make one word of another.</summary>
    private static int Distance(string first, string second)
    {
        int[] distances = [.. Enumerable.Range(0, second.Length + 1)];
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = distances[0]++;
            for (var j = 1; j <= second.Length; j++)
            {
                var exchanged = diagonal + (first[i - 1] == second[j - 1] ? 0 : 1);
                diagonal = distances[j];
                distances[j] = Math.Min(exchanged, 1 + Math.Min(distances[j], distances[j - 1]));
            }
        }

        return distances[^1];
    }
}
