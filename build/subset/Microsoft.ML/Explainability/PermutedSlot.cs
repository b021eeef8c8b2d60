namespace Microsoft.ML.Data;

/// <summary>A view whose vectors have other values in one slot, given by the row's position.</summary>
internal static class PermutedSlot
{
    internal static IDataView In(IDataView data, DataViewSchema.Column features, int slot, float[] values) =>
        new MappedView(data,
        [
            new(new(features.Name, features.Type), [features.Index], row =>
            {
                var getFeatures = row.GetGetter<VBuffer<float>>(features);
                var buffer = default(VBuffer<float>);
                return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
                {
                    getFeatures(ref buffer);
                    CopyWith(in buffer, slot, values[row.Position], ref destination);
                });
            }),
        ]);

    private static void CopyWith(in VBuffer<float> source, int slot, float value, ref VBuffer<float> destination)
    {
        var place = source.IsDense ? slot : source.GetIndices().BinarySearch(slot);
        if (place >= 0)
        {
            source.CopyTo(ref destination);
            VBufferEditor.CreateFromBuffer(ref destination).Values[place] = value;
            return;
        }
        place = ~place;
        var editor = VBufferEditor.Create(ref destination, source.Length, source.GetValues().Length + 1);
        Insert(source.GetValues(), place, value, editor.Values);
        // The last slot that was left out makes the vector dense: it needs no indices any more.
        if (!editor.Indices.IsEmpty) Insert(source.GetIndices(), place, slot, editor.Indices);
        destination = editor.Commit();
    }

    private static void Insert<T>(ReadOnlySpan<T> source, int place, T value, Span<T> destination)
    {
        source[..place].CopyTo(destination);
        destination[place] = value;
        source[place..].CopyTo(destination[(place + 1)..]);
    }
}
