namespace Microsoft.ML.Data;

/// <summary>What the columns that one model adds have in common: a number of their own in the schema, and the model's task.</summary>
internal sealed class ScoreSet
{
    private readonly uint _id;
    private readonly string _task;

    internal const string Regression = "Regression";
    internal const string Binary = "BinaryClassification";
    internal const string Multiclass = "MulticlassClassification";

    private ScoreSet(uint id, string task)
    {
        _id = id;
        _task = task;
    }

    /// <summary>The set that follows those already in a schema.</summary>
    internal static ScoreSet After(DataViewSchema input, string task)
    {
        var last = 0u;
        foreach (var column in input)
        {
            var type = column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.ScoreColumnSetId)?.Type;
            if (type is not KeyDataViewType || type.RawType != typeof(uint)) continue;
            var id = 0u;
            column.Annotations.GetValue(AnnotationKinds.ScoreColumnSetId, ref id);
            last = Math.Max(last, id);
        }
        return new ScoreSet(checked(last + 1), task);
    }

    internal void AddId(DataViewSchema.Annotations.Builder annotations) =>
        annotations.AddPrimitiveValue(AnnotationKinds.ScoreColumnSetId, AnnotationKinds.ScoreColumnSetIdType, _id);

    internal void AddTask(DataViewSchema.Annotations.Builder annotations) => AddText(annotations, AnnotationKinds.ScoreColumnKind, _task);

    internal static void AddValueKind(DataViewSchema.Annotations.Builder annotations, string kind) =>
        AddText(annotations, AnnotationKinds.ScoreValueKind, kind);

    private static void AddText(DataViewSchema.Annotations.Builder annotations, string kind, string text) =>
        annotations.AddPrimitiveValue(kind, TextDataViewType.Instance, text.AsMemory());
}
