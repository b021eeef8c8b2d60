using System.Buffers.Binary;
using System.IO.Compression;
using SkiaSharp;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>
/// PNG files of 256 colours: a third of the size of what a browser takes. The colours are the most frequent ones that can be
/// told apart; of a page, those that are left out are shades between text and its ground.
/// </summary>
internal static class PalettePng
{
    private const int MostColours = 256;

    // The square of a distance that nobody sees.
    private const int Alike = 48;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>The same picture with at most 256 colours.</summary>
    /// <param name="png">A PNG file.</param>
    public static byte[] From(byte[] png)
    {
        using var picture = SKBitmap.Decode(png);
        var (width, height, pixels) = (picture.Width, picture.Height, picture.Pixels);
        var palette = new List<SKColor>();
        foreach (var (colour, _) in pixels.CountBy(colour => colour).OrderByDescending(count => count.Value))
            if (palette.Count < MostColours && palette.TrueForAll(other => Distance(colour, other) > Alike))
                palette.Add(colour);
        var nearest = pixels.Distinct().ToDictionary(
            colour => colour, colour => (byte)palette.IndexOf(palette.MinBy(other => Distance(colour, other))));
        using var file = new MemoryStream();
        file.Write(Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        // Eight bits a pixel, which are a place in the palette.
        (header[8], header[9]) = (8, 3);
        Write(file, "IHDR"u8, header);
        Write(file, "PLTE"u8, [.. palette.SelectMany(colour => new[] { colour.Red, colour.Green, colour.Blue })]);
        using (var rows = new MemoryStream())
        {
            using (var zlib = new ZLibStream(rows, CompressionLevel.SmallestSize, leaveOpen: true))
                for (var y = 0; y < height; y++)
                    zlib.Write([0, .. pixels.AsSpan(y * width, width).ToArray().Select(colour => nearest[colour])]);
            Write(file, "IDAT"u8, rows.ToArray());
        }

        Write(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static int Distance(SKColor one, SKColor other) =>
        Square(one.Red - other.Red) + Square(one.Green - other.Green) + Square(one.Blue - other.Blue);

    private static int Square(int value) => value * value;

    private static void Write(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        byte[] chunk = [.. type, .. content];
        file.Write(chunk);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(chunk));
        file.Write(number);
    }

    // CRC-32 of the PNG specification, annex D.
    private static uint Crc(byte[] chunk)
    {
        var crc = uint.MaxValue;
        foreach (var value in chunk)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        }

        return ~crc;
    }
}
