using Microsoft.ML.Data;

namespace Digits;

/// <summary>A line of digits.csv: an image of 8 × 8 pixels, and what it shows.</summary>
internal class Digit
{
    /// <summary>Row by row, from 0 (white) to 16 (black).</summary>
    [LoadColumn(0, 63)]
    [VectorType(64)]
    public float[] Features { get; set; } = [];

    /// <summary>0 to 9.</summary>
    [LoadColumn(64)]
    public float Value { get; set; }
}

/// <summary>A digit, and what a model takes it for.</summary>
internal sealed class Reading : Digit
{
    public float PredictedLabel { get; set; }

    /// <summary>The image, two characters a pixel.</summary>
    public string Draw() => string.Join('\n', Features.Chunk(8).Select(row => string.Concat(row.Select(Draw))));

    private static string Draw(float pixel) => new(" ░▒▓█"[(int)Math.Clamp(pixel / 3, 0, 4)], 2);
}
