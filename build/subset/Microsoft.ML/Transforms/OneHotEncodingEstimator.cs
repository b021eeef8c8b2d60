using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Categories as keys, and the keys as indicators.</summary>
public sealed class OneHotEncodingEstimator : IEstimator<OneHotEncodingTransformer>
{
    public enum OutputKind : byte
    {
        Bag = 1,
        Indicator = 2,
        Key = 3,
        Binary = 4,
    }

    private readonly ValueToKeyMappingEstimator _toKey;
    private readonly KeyToVectorMappingEstimator _toVector;

    internal OneHotEncodingEstimator(InputOutputColumnPair[] columns, OutputKind outputKind, int maximumNumberOfKeys,
        ValueToKeyMappingEstimator.KeyOrdinality keyOrdinality, IDataView keyData)
    {
        _toKey = new ValueToKeyMappingEstimator(columns, maximumNumberOfKeys, keyOrdinality, addKeyValueAnnotationsAsText: true, keyData);
        _toVector = outputKind switch
        {
            OutputKind.Indicator or OutputKind.Bag => new KeyToVectorMappingEstimator(
                Array.ConvertAll(columns, pair => (pair.OutputColumnName, pair.OutputColumnName)), outputKind == OutputKind.Bag),
            OutputKind.Key => null,
            OutputKind.Binary => throw Contracts.ExceptNotInSubset("One-hot encoding to OutputKind.Binary"),
            _ => throw new ArgumentOutOfRangeException(nameof(outputKind), outputKind, "Must be Bag, Indicator, Key or Binary"),
        };
    }

    public OneHotEncodingTransformer Fit(IDataView input)
    {
        var toKey = _toKey.Fit(input);
        return new OneHotEncodingTransformer(_toVector is null
            ? new TransformerChain<ITransformer>(toKey)
            : new TransformerChain<ITransformer>(toKey, _toVector.Fit(toKey.Transform(input))));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var keys = _toKey.GetOutputSchema(inputSchema);
        return _toVector is null ? keys : _toVector.GetOutputSchema(keys);
    }
}

public sealed class OneHotEncodingTransformer : ITransformer
{
    private readonly ITransformer _chain;

    internal OneHotEncodingTransformer(ITransformer chain) => _chain = chain;

    bool ITransformer.IsRowToRowMapper => _chain.IsRowToRowMapper;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _chain.GetOutputSchema(inputSchema);

    public IDataView Transform(IDataView input) => _chain.Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => _chain.GetRowToRowMapper(inputSchema);

    // Read back, it is the chain that it consists of.
    void ICanSaveModel.Save(ModelSaveContext ctx) => _chain.Save(ctx);
}
