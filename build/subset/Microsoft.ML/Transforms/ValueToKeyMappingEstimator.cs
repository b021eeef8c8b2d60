using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    public enum KeyOrdinality : byte
    {
        ByOccurrence = 0,
        ByValue = 1,
    }

    private readonly InputOutputColumnPair[] _columns;
    private readonly int _maximumNumberOfKeys;
    private readonly KeyOrdinality _keyOrdinality;
    private readonly bool _keyValuesAsText;
    private readonly IDataView _keyData;

    internal ValueToKeyMappingEstimator(InputOutputColumnPair[] columns, int maximumNumberOfKeys, KeyOrdinality keyOrdinality,
        bool addKeyValueAnnotationsAsText, IDataView keyData)
    {
        Contracts.CheckParam(columns is { Length: > 0 }, nameof(columns), $"{nameof(columns)} cannot be null or empty");
        Contracts.CheckParam(maximumNumberOfKeys > 0, nameof(maximumNumberOfKeys), $"Must be positive, got {maximumNumberOfKeys}");
        Contracts.CheckParam(keyData is null || keyData.Schema.Count == 1, nameof(keyData),
            "If specified, this data view should contain only a single column containing the terms to map, "
            + $"but this had {keyData?.Schema.Count} columns.");
        _columns = columns;
        _maximumNumberOfKeys = maximumNumberOfKeys;
        _keyOrdinality = keyOrdinality;
        _keyValuesAsText = addKeyValueAnnotationsAsText;
        _keyData = keyData;
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        var sources = Array.ConvertAll(_columns, pair => OneToOneTransformerBase.Find(input.Schema, pair.InputColumnName));
        foreach (var source in sources)
            ValueToKeyMappingTransformer.CheckType(source);
        var maps = _keyData is null
            ? Learn(input, sources, _maximumNumberOfKeys)
            : Given(sources);
        var pairs = Array.ConvertAll(_columns, pair => (pair.OutputColumnName, pair.InputColumnName));
        return new ValueToKeyMappingTransformer(pairs, maps, _keyValuesAsText);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Shapes.Add(inputSchema, _columns.Select(pair => (pair.OutputColumnName, pair.InputColumnName)), (output, input) =>
        {
            if (!ValueToKeyMappingTransformer.IsMappable(input.ItemType))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name);
            var known = input.IsKey && input.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out var values)
                && values.Kind == VectorKind.Vector;
            var keyValues = known
                ? input.Annotations(AnnotationKinds.KeyValues).First()
                : new SchemaShape.Column(AnnotationKinds.KeyValues, VectorKind.Vector,
                    _keyValuesAsText ? TextDataViewType.Instance : input.ItemType, input.IsKey && !_keyValuesAsText);
            return new(output, input.Kind, NumberDataViewType.UInt32, true,
                new SchemaShape([.. input.Annotations(AnnotationKinds.SlotNames), keyValues]));
        });

    // One pass over the data serves all columns, and ends early when none can take more keys.
    private KeyMap[] Learn(IDataView data, DataViewSchema.Column[] sources, int maximumNumberOfKeys)
    {
        using var cursor = data.GetRowCursor(sources);
        var builders = Array.ConvertAll(sources, source => KeyMapBuilder.Create(cursor, source, maximumNumberOfKeys));
        var open = new List<KeyMapBuilder>(builders);
        while (open.Count > 0 && cursor.MoveNext())
            for (var i = open.Count - 1; i >= 0; i--)
                if (!open[i].AddRow())
                    open.RemoveAt(i);
        return Array.ConvertAll(builders, builder => builder.Build(_keyOrdinality));
    }

    private KeyMap[] Given(DataViewSchema.Column[] sources)
    {
        var terms = _keyData.Schema[0];
        foreach (var source in sources)
        {
            var itemType = source.Type.GetItemType();
            Contracts.CheckParam(itemType.Equals(terms.Type), "keyData",
                $"Terms from input data type '{terms.Type}' but mismatches column '{source.Name}' item type '{itemType}'");
        }
        var map = Learn(_keyData, [terms], int.MaxValue)[0];
        return Array.ConvertAll(sources, _ => map);
    }
}
