using System.Globalization;
using TorchSharp;

namespace TorchLoop;

/// <summary>Handwritten digits as tensors.</summary>
/// <param name="Pixels">[rows, 64], from 0 (white) to 1 (black).</param>
/// <param name="Labels">[rows], 0 to 9.</param>
internal sealed record Digits(torch.Tensor Pixels, torch.Tensor Labels)
{
    /// <summary>The rows.</summary>
    public int Count => (int)Labels.shape[0];

    /// <summary>Every fifth row for validation, all others for training.</summary>
    public static (Digits Training, Digits Validation) Load(string path)
    {
        float[][] rows =
            [.. File.ReadLines(path)
                .Select(line => line.Split(',').Select(text => float.Parse(text, CultureInfo.InvariantCulture)).ToArray())];
        return (Of(rows.Where((_, i) => i % 5 != 0)), Of(rows.Where((_, i) => i % 5 == 0)));
    }

    /// <summary>Rows by their numbers.</summary>
    public Digits Rows(torch.Tensor numbers) => new(Pixels.index_select(0, numbers), Labels.index_select(0, numbers));

    private static Digits Of(IEnumerable<float[]> rows)
    {
        var all = rows.ToArray();
        return new(
            torch.tensor([.. all.SelectMany(row => row[..64]).Select(pixel => pixel / 16)], [all.Length, 64]),
            torch.tensor([.. all.Select(row => (long)row[64])]));
    }
}
