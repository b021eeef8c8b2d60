using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The values of the keys that a model was trained on, one a class.</summary>
internal sealed class ClassNames
{
    private readonly VectorDataViewType _type;
    private readonly Delegate _getter;

    private ClassNames(VectorDataViewType type, Delegate getter)
    {
        _type = type;
        _getter = getter;
    }

    internal bool IsText => _type.ItemType is TextDataViewType;

    /// <summary>The key values of a training schema's label, or null where it has none or not one a class.</summary>
    internal static ClassNames OrNull(DataViewSchema trainSchema, string labelColumn, int classes)
    {
        if (string.IsNullOrEmpty(labelColumn)) return null;
        var label = trainSchema.GetColumnOrNull(labelColumn)
            ?? throw Contracts.ExceptParam("schema", $"{labelColumn} column 'Label' not found");
        var keyValues = label.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues);
        return keyValues is { Type: VectorDataViewType type } values && type.Size == classes
            ? new ClassNames(type, Generic.Call(Getter<int>, type.RawType, label.Annotations, values))
            : null;
    }

    internal void AddTo(DataViewSchema.Annotations.Builder annotations, string kind) => annotations.Add(kind, _type, _getter);

    private static Delegate Getter<TValue>(DataViewSchema.Annotations annotations, DataViewSchema.Column column) =>
        annotations.GetGetter<TValue>(column);
}
