namespace Microsoft.ML.LrScheduling.Data;

/// <summary>The features of a row that are not zero: their values, and which features they are, in ascending order.</summary>
internal readonly ref struct SparseRow(ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
{
    /// <summary>The values.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>The feature of each value.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>The product with a weight a feature.</summary>
    public float Dot(ReadOnlySpan<float> weights)
    {
        var sum = 0f;
        for (var i = 0; i < Indices.Length; i++) sum += Values[i] * weights[Indices[i]];
        return sum;
    }

    /// <summary>Adds the features, each times a factor, to a number a feature.</summary>
    public void AddTo(Span<float> sums, float factor)
    {
        for (var i = 0; i < Indices.Length; i++) sums[Indices[i]] += factor * Values[i];
    }
}
