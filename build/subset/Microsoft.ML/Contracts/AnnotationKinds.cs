namespace Microsoft.ML.Data;

/// <summary>The names of the annotations that components agree on.</summary>
internal static class AnnotationKinds
{
    internal const string SlotNames = "SlotNames";
    internal const string KeyValues = "KeyValues";
    internal const string IsNormalized = "IsNormalized";
    internal const string CategoricalSlotRanges = "CategoricalSlotRanges";
    internal const string TrainingLabelValues = "TrainingLabelValues";
    internal const string ScoreColumnSetId = "ScoreColumnSetId";
    internal const string ScoreColumnKind = "ScoreColumnKind";
    internal const string ScoreValueKind = "ScoreValueKind";

    /// <summary>The number of a set of score columns is a key without a bound of its own.</summary>
    internal static KeyDataViewType ScoreColumnSetIdType { get; } = new(typeof(uint), int.MaxValue);
}

internal static class AnnotationBuilderExtensions
{
    internal static void AddSlotNames(this DataViewSchema.Annotations.Builder builder, ReadOnlyMemory<char>[] names)
        => builder.AddVector(AnnotationKinds.SlotNames, TextDataViewType.Instance, names);

    internal static void AddKeyValues<T>(this DataViewSchema.Annotations.Builder builder, PrimitiveDataViewType itemType, T[] values)
        => builder.AddVector(AnnotationKinds.KeyValues, itemType, values);

    internal static void AddVector<T>(
        this DataViewSchema.Annotations.Builder builder, string kind, PrimitiveDataViewType itemType, T[] values)
    {
        // Copied out: whoever reads an annotation owns, and may overwrite, the buffer it was read into.
        var buffer = new VBuffer<T>(values.Length, values);
        builder.Add(kind, new VectorDataViewType(itemType, values.Length), (ref VBuffer<T> destination) => buffer.CopyTo(ref destination));
    }
}
