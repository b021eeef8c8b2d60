using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// Writes and checks a line of a journal. A line is a JSON object whose last property, <c>check</c>, is a checksum of everything before it:
/// the first sixteen digits of its SHA-256 hash.
/// </summary>
internal static class JournalLine
{
    private const int DigitCount = 16;

    // Schedules can be nested deeply.
    private static readonly JsonDocumentOptions ReadingOptions = new() { MaxDepth = 256, AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions WritingOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static ReadOnlySpan<byte> CheckName => ",\"check\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>Returns a line, with its line end.</summary>
    /// <param name="write">Writes the properties.</param>
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(line, WritingOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.Flush();
        }

        var digits = Encoding.ASCII.GetBytes(Digits(line.WrittenSpan));
        line.Write(CheckName);
        line.Write(digits);
        line.Write(End);
        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    /// <summary>Returns the first sixteen digits of the SHA-256 hash of bytes.</summary>
    public static string Digits(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..DigitCount];

    /// <summary>Parses a line, without checking its checksum.</summary>
    /// <exception cref="JsonException">The line is not JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> line) => JsonDocument.Parse(line, ReadingOptions);

    /// <summary>Returns the length of a complete event at the start of the bytes; 0 if there is none.</summary>
    public static int WholeLength(ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hashed = 0;
        while (bytes[hashed..].IndexOf(CheckName) is >= 0 and var distance)
        {
            var place = hashed + distance;
            hash.AppendData(bytes[hashed..place]);
            var digits = place + CheckName.Length;
            var end = digits + DigitCount + End.Length;
            if (end <= bytes.Length && bytes[(digits + DigitCount)..].StartsWith(End)
                && bytes.Slice(digits, DigitCount).SequenceEqual(
                    Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetCurrentHash())[..DigitCount])))
                return end;
            hash.AppendData(bytes[place..digits]);
            hashed = digits;
        }

        return 0;
    }

    /// <summary>Whether a line ends with the correct checksum of everything before it.</summary>
    /// <param name="line">The line, without white space around it.</param>
    public static bool IsWhole(ReadOnlySpan<byte> line)
    {
        var checkedLength = line.Length - CheckName.Length - DigitCount - End.Length;
        return checkedLength > 0
            && line[checkedLength..].StartsWith(CheckName) && line.EndsWith(End)
            && line.Slice(checkedLength + CheckName.Length, DigitCount)
                .SequenceEqual(Encoding.ASCII.GetBytes(Digits(line[..checkedLength])));
    }
}
