namespace Microsoft.ML.LrScheduling.Data;

/// <summary>A sparse row: the values of the features that are not zero, and their indices in ascending order.</summary>
internal readonly ref struct SparseRow(ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
{
    /// <summary>The values.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>The feature of each value.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>Returns the dot product with weights, one per feature.</summary>
    public float Dot(ReadOnlySpan<float> weights)
    {
        var sum = 0f;
        for (var i = 0; i < Indices.Length; i++) sum += Values[i] * weights[Indices[i]];
        return sum;
    }

    /// <summary>Adds the row, multiplied by a factor, to sums, one per feature.</summary>
    public void AddTo(Span<float> sums, float factor)
    {
        for (var i = 0; i < Indices.Length; i++) sums[Indices[i]] += factor * Values[i];
    }
}
