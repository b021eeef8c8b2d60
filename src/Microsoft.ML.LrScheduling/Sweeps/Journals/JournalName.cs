using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>Members of enums as JSON spells them everywhere: in camelCase.</summary>
internal static class JournalName
{
    /// <summary>What a member is called.</summary>
    public static string Of<T>(T member) where T : struct, Enum => OptionsJson.NameOf($"{member}");

    /// <summary>The member of a name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static T Parse<T>(string? name) where T : struct, Enum
    {
        foreach (var member in Enum.GetValues<T>())
            if (Of(member) == name) return member;
        throw new InvalidDataException($"{name ?? "null"} is none of {string.Join(", ", Enum.GetValues<T>().Select(Of))}.");
    }
}
