using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>Converts members of enums to the names that all JSON uses, in camelCase, and back.</summary>
internal static class JournalName
{
    /// <summary>Returns the name of a member.</summary>
    public static string Of<T>(T member) where T : struct, Enum => OptionsJson.NameOf($"{member}");

    /// <summary>Returns the member with a name.</summary>
    /// <exception cref="InvalidDataException">There is no such member.</exception>
    public static T Parse<T>(string? name) where T : struct, Enum
    {
        foreach (var member in Enum.GetValues<T>())
            if (Of(member) == name) return member;
        throw new InvalidDataException($"{name ?? "null"} is none of {string.Join(", ", Enum.GetValues<T>().Select(Of))}.");
    }
}
