namespace Microsoft.ML.Data;

/// <summary>What is known of a concatenated column, from what is known of its parts.</summary>
internal static class ConcatenatedAnnotations
{
    internal static DataViewSchema.Annotations Of(DataViewSchema.Column[] parts, PrimitiveDataViewType itemType, int size)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        if (itemType is NumberDataViewType && Array.TrueForAll(parts, part => part.IsNormalized()))
            builder.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        if (size > 0)
        {
            if (Array.Exists(parts, part => part.Type is not VectorDataViewType || part.HasSlotNames()))
                builder.AddSlotNames(SlotNames(parts, size));
            if (CategoricalRanges(parts) is { Length: > 0 } ranges)
                builder.Add(AnnotationKinds.CategoricalSlotRanges, CategoricalType(ranges.Length / 2),
                    (ref VBuffer<int> value) => VBuffer<int>.Copy(ranges, 0, ref value, ranges.Length));
        }
        return builder.ToAnnotations();
    }

    /// <summary>Pairs of a first and a last slot: each is one category's indicators.</summary>
    internal static VectorDataViewType CategoricalType(int ranges) => new(NumberDataViewType.Int32, ranges, 2);

    // A scalar is named by its column, a slot that has a name by both.
    private static ReadOnlyMemory<char>[] SlotNames(DataViewSchema.Column[] parts, int size)
    {
        var names = new ReadOnlyMemory<char>[size];
        var first = 0;
        foreach (var part in parts)
        {
            if (part.Type is not VectorDataViewType)
                names[first] = part.Name.AsMemory();
            else if (part.HasSlotNames())
            {
                var own = default(VBuffer<ReadOnlyMemory<char>>);
                part.GetSlotNames(ref own);
                foreach (var (slot, name) in own.Items())
                    if (!name.IsEmpty)
                        names[first + slot] = $"{part.Name}.{name}".AsMemory();
            }
            first += part.Type.GetValueCount();
        }
        return names;
    }

    private static int[] CategoricalRanges(DataViewSchema.Column[] parts)
    {
        var ranges = new List<int>();
        var first = 0;
        foreach (var part in parts)
        {
            if (part.Annotations.Schema.GetColumnOrNull(AnnotationKinds.CategoricalSlotRanges)?.Type is VectorDataViewType type
                && type.ItemType == NumberDataViewType.Int32)
            {
                var own = default(VBuffer<int>);
                part.Annotations.GetValue(AnnotationKinds.CategoricalSlotRanges, ref own);
                ranges.AddRange(own.DenseValues().Select(slot => first + slot));
            }
            first += part.Type.GetValueCount();
        }
        return [.. ranges];
    }
}
