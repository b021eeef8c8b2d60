using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

internal enum NormalizationMode
{
    MinMax,
    MeanVariance,
}

public sealed class NormalizingEstimator : IEstimator<NormalizingTransformer>
{
    private readonly NormalizationMode _mode;
    private readonly InputOutputColumnPair[] _columns;
    private readonly long _maximumExampleCount;
    private readonly bool _fixZero;

    internal NormalizingEstimator(NormalizationMode mode, InputOutputColumnPair[] columns, long maximumExampleCount, bool fixZero)
    {
        Contracts.CheckValue(columns, nameof(columns));
        Contracts.CheckParam(maximumExampleCount > 1, nameof(maximumExampleCount), "Must be greater than 1");
        _mode = mode;
        _columns = columns;
        _maximumExampleCount = maximumExampleCount;
        _fixZero = fixZero;
    }

    public NormalizingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        var sources = Array.ConvertAll(_columns, column => input.Schema.GetColumnOrNull(column.InputColumnName)
            ?? throw Contracts.ExceptSchemaMismatch(nameof(input), "input", column.InputColumnName));
        using var cursor = input.GetRowCursor(sources);
        var statistics = Array.ConvertAll(sources, source => CreateStatistics(cursor, source));
        for (long rows = 0; rows < _maximumExampleCount && cursor.MoveNext(); rows++)
            foreach (var column in statistics)
                column.AddRow();
        return new NormalizingTransformer(
            Array.ConvertAll(_columns, column => (column.OutputColumnName, column.InputColumnName)),
            Array.ConvertAll(statistics, column => column.Finish(_fixZero)));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Shapes.Add(inputSchema, _columns.Select(column => (column.OutputColumnName, column.InputColumnName)), (output, input) =>
        {
            if (input.Kind == VectorKind.VariableVector)
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name, "known-size vector or scalar",
                    input.GetTypeString());
            if (input.IsKey || (input.ItemType != NumberDataViewType.Single && input.ItemType != NumberDataViewType.Double))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name, "vector or scalar of Single or Double",
                    input.GetTypeString());
            return new(output, input.Kind, input.ItemType, false,
                new SchemaShape([Shapes.IsNormalized, .. input.Annotations(AnnotationKinds.SlotNames)]));
        });
    }

    private NormalizerStatistics CreateStatistics(DataViewRow row, DataViewSchema.Column column)
    {
        var itemType = column.Type.GetItemType();
        if (column.Type is not VectorDataViewType { IsKnownSize: false })
        {
            if (itemType == NumberDataViewType.Single)
                return new NormalizerStatistics<float>(row, column, CreateMoments<float>(column.Type.GetValueCount()));
            if (itemType == NumberDataViewType.Double)
                return new NormalizerStatistics<double>(row, column, CreateMoments<double>(column.Type.GetValueCount()));
        }
        throw Contracts.ExceptParam("srcType",
            $"Wrong column type for input column. Expected: Single, Double, Vector of Single or Vector of Double. Got: {column.Type}.");
    }

    private ISlotMoments<T> CreateMoments<T>(int size) where T : struct, System.Numerics.IFloatingPointIeee754<T> =>
        _mode == NormalizationMode.MinMax ? new MinMaxMoments<T>(size) : new MeanVarianceMoments<T>(size);
}
