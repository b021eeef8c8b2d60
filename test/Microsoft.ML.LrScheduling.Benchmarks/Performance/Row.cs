using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>A row of an <see cref="IDataView"/>.</summary>
internal sealed class Row
{
    /// <summary>What is to be predicted.</summary>
    public float Label { get; set; }

    /// <summary>What from.</summary>
    public float[] Features { get; set; } = [];

    /// <summary>A row with features in [−1, 1], and a label that follows from them and some noise.</summary>
    public static Row Of(Random random, int features)
    {
        var row = new Row { Features = new float[features], Label = random.NextSingle() - 0.5f };
        for (var i = 0; i < features; i++)
        {
            row.Features[i] = 2 * random.NextSingle() - 1;
            row.Label += row.Features[i] * (i + 1) / features;
        }

        return row;
    }

    /// <summary>The columns, with the number of features.</summary>
    public static SchemaDefinition Schema(int features)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return schema;
    }
}
