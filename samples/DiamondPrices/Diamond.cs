using Microsoft.ML.Data;

namespace DiamondPrices;

/// <summary>A line of diamonds.csv.</summary>
internal sealed class Diamond
{
    [LoadColumn(0)]
    public float Carat { get; set; }

    [LoadColumn(1)]
    public string Cut { get; set; } = "";

    [LoadColumn(2)]
    public string Color { get; set; } = "";

    [LoadColumn(3)]
    public string Clarity { get; set; } = "";

    [LoadColumn(4)]
    public float Depth { get; set; }

    [LoadColumn(5)]
    public float Table { get; set; }

    /// <summary>US dollars.</summary>
    [LoadColumn(6)]
    public float Price { get; set; }

    [LoadColumn(7)]
    public float X { get; set; }

    [LoadColumn(8)]
    public float Y { get; set; }

    [LoadColumn(9)]
    public float Z { get; set; }
}

/// <summary>What the model says of a diamond.</summary>
internal sealed class Prediction
{
    [ColumnName("Score")]
    public float Price { get; set; }
}
