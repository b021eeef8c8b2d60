using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// A line of a journal: an object of JSON whose last property, <c>check</c>, is a checksum of all that stands before it, the first
/// sixteen digits of its SHA-256.
/// </summary>
internal static class JournalLine
{
    private const int DigitCount = 16;

    // A schedule may have parts of parts.
    private static readonly JsonDocumentOptions ReadingOptions = new() { MaxDepth = 256, AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions WritingOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static ReadOnlySpan<byte> CheckName => ",\"check\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>A line, its end included.</summary>
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

    /// <summary>The first digits of the SHA-256 of something.</summary>
    public static string Digits(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..DigitCount];

    /// <summary>A line as JSON, whatever its checksum.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> line) => JsonDocument.Parse(line, ReadingOptions);

    /// <summary>The bytes of a whole event that something begins with; 0 for none.</summary>
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

    /// <summary>Whether a line ends with the checksum of all that stands before it.</summary>
    /// <param name="line">The line, without blanks around it.</param>
    public static bool IsWhole(ReadOnlySpan<byte> line)
    {
        var checkedLength = line.Length - CheckName.Length - DigitCount - End.Length;
        return checkedLength > 0
            && line[checkedLength..].StartsWith(CheckName) && line.EndsWith(End)
            && line.Slice(checkedLength + CheckName.Length, DigitCount)
                .SequenceEqual(Encoding.ASCII.GetBytes(Digits(line[..checkedLength])));
    }
}
