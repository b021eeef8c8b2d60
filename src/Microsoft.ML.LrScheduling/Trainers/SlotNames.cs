using Microsoft.ML.Data;

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

    /// <summary>The name of a feature; its number where it has none.</summary>
    public string Name(int feature) =>
        feature < _names.Length && _names.GetItemOrDefault(feature) is { IsEmpty: false } name ? $"'{name}'" : $"feature {feature}";
}
