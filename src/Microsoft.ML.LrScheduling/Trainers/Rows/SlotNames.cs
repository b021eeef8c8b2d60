using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The names of the features in a column (its slot names).</summary>
internal sealed class SlotNames
{
    private readonly VBuffer<ReadOnlyMemory<char>> _names;

    private SlotNames(VBuffer<ReadOnlyMemory<char>> names) => _names = names;

    /// <summary>Returns the names of a column's features; without names if the column has none.</summary>
    public static SlotNames Of(DataViewSchema.Column column)
    {
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        if (column.HasSlotNames()) column.GetSlotNames(ref names);
        return new SlotNames(names);
    }

    /// <summary>
    /// Finds the first feature whose position differs in other rows, although both sets of rows have it. Returns the names at this
    /// position; null if there is no such feature, or if there are no names.
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

    /// <summary>Returns the name of a feature; its number if it has no name.</summary>
    public string Name(int feature) =>
        feature < _names.Length && _names.GetItemOrDefault(feature) is { IsEmpty: false } name
            ? $"'{VisibleText.Of(name.ToString())}'" : $"feature {feature}";

    /// <summary>Returns the name of a feature for the start of a sentence.</summary>
    public string Sentence(int feature) => Name(feature) is var name && name[0] == '\'' ? $"The feature {name}" : $"F{name[1..]}";

    private IEnumerable<string> Names() => _names.DenseValues().Select(name => name.ToString());
}
