using Microsoft.ML.Data;

internal sealed class Tumour
{
    [LoadColumn(0, 29)]
    [VectorType(30)]
    public float[] Features { get; set; } = [];

    [LoadColumn(30)]
    public bool Label { get; set; }
}
