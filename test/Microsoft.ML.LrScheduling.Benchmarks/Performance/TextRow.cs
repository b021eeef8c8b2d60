using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>A sparse row of an <see cref="IDataView"/>.</summary>
internal sealed class TextRow
{
    /// <summary>What is to be predicted.</summary>
    public bool Label { get; set; }

    /// <summary>What from.</summary>
    public VBuffer<float> Features { get; set; }

    /// <summary>The columns, with the number of features.</summary>
    public static SchemaDefinition Schema(int features)
    {
        var schema = SchemaDefinition.Create(typeof(TextRow));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return schema;
    }

    /// <summary>One of the rows.</summary>
    public static TextRow Of(TextRows rows, int row)
    {
        var first = row * rows.ValuesPerRow;
        return new TextRow
        {
            Label = rows.Labels[row] > 0,
            Features = new VBuffer<float>(
                rows.FeatureCount, rows.ValuesPerRow, rows.Values[first..(first + rows.ValuesPerRow)],
                rows.Indices[first..(first + rows.ValuesPerRow)]),
        };
    }
}
