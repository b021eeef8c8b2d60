using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What the features of a column are called.</summary>
internal sealed class SlotNames
{
    private readonly VBuffer<ReadOnlyMemory<char>> _names;

    private SlotNames(VBuffer<ReadOnlyMemory<char>> names) => _names = names;

    /// <summary>The names that a column gives to its slots, if it does.</summary>
    public static SlotNames Of(DataViewSchema.Column column)
    {
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        if (column.HasSlotNames()) column.GetSlotNames(ref names);
        return new SlotNames(names);
    }

    /// <summary>
    /// The first feature of other rows that stands where these have another one, though both are there: the names of both; null where
    /// there is none, as where names are not known.
    /// </summary>
    public (string Own, string Other)? FirstMoved(SlotNames other)
    {
        string[] here = [.. Names()], there = [.. other.Names()];
        HashSet<string> own = [.. here], others = [.. there];
        foreach (var (first, second) in here.Zip(there))
            if (first != second && first.Length > 0 && second.Length > 0 && own.Contains(second) && others.Contains(first))
                return (first, second);
        return null;
    }

    /// <summary>The name of a feature; its number where it has none.</summary>
    public string Name(int feature) =>
        feature < _names.Length && _names.GetItemOrDefault(feature) is { IsEmpty: false } name
            ? $"'{VisibleText.Of(name.ToString())}'" : $"feature {feature}";

    /// <summary>A feature at the beginning of a sentence.</summary>
    public string Sentence(int feature) => Name(feature) is var name && name[0] == '\'' ? $"The feature {name}" : $"F{name[1..]}";

    private IEnumerable<string> Names() => _names.DenseValues().Select(name => name.ToString());
}
