namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>Suggests a known name for an unknown one.</summary>
internal static class Suggestion
{
    private const int LongestName = 60;

    /// <summary>
    /// Returns <c> Did you mean stepSize?</c> for <c>step_size</c>; an empty text if no known name is similar. The comparison ignores case
    /// and underscores. A known name is similar if it contains the given one, if at most a third of the letters differ, or if its words
    /// start with the given letters, such as areaUnderRocCurve for AUC.
    /// </summary>
    /// <param name="name">The given name.</param>
    /// <param name="known">The known names.</param>
    public static string For(string name, IEnumerable<string> known) =>
        Closest(name, known) is { } closest ? $" Did you mean {closest}?" : "";

    /// <summary>Returns the most similar known name; null if none is similar.</summary>
    /// <param name="name">The given name.</param>
    /// <param name="known">The known names.</param>
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

    /// <summary>Returns the Levenshtein distance: the number of insertions, deletions and substitutions between two words.</summary>
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
