using System.Text;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>Changes inputs here and there: bits, bytes, stretches, and words that readers stumble over.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "-1", "0", "1e308", "1e-320", "1e999", "NaN", "Infinity", "null", "true", "\"\"", "{}", "[]", "[[[[[[[[", "{\"a\":",
            "\"type\":", "\"StepLR\"", "SequentialLR([", "epoch",
            "** ", "// 0", "((((((((", "9999999999999999999", "2147483648", "\\u0000", "\\ud800", "../../", "/etc/passwd", "$type",
            "\"$ref\":\"#\"", "é", "🙂", "\0", "delegate",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0xC0, 0x80],
    ];

    private static readonly string[] Numbers = ["0", "1", "2", "3", "7", "31", "65", "1000", "1001", "65536", "2147483647", "2147483648",
        "9007199254740993", "1e-300", "1e300", "0.999999999999999999"];

    private readonly Random _random = new(seed);

    /// <summary>One of some inputs.</summary>
    public byte[] Choose(IReadOnlyList<byte[]> inputs) => inputs[_random.Next(inputs.Count)];

    /// <summary>An input with one to five changes, parts of others among them.</summary>
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> others)
    {
        var bytes = new List<byte>(input);
        if (_random.Next(2) == 0)
        {
            // What is left readable is used, and else there would be little of it.
            for (var changes = 1 + _random.Next(2); changes > 0; changes--)
                ReplaceNumber(bytes, _random.Next(bytes.Count + 1), Choose(others));
            return [.. bytes];
        }

        for (var changes = _random.Next(2) == 0 ? 1 : _random.Next(2, 6); changes > 0; changes--)
        {
            var position = _random.Next(bytes.Count + 1);
            var length = Math.Min(bytes.Count - position, 1 + _random.Next(_random.Next(2) == 0 ? 4 : 200));
            switch (_random.Next(8))
            {
                case 6 or 7:
                    ReplaceNumber(bytes, position, other: []);
                    break;
                case 0 when length > 0:
                    bytes[position] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(position, length);
                    break;
                case 2:
                    bytes.InsertRange(position, Words[_random.Next(Words.Length)]);
                    break;
                case 3:
                    bytes.InsertRange(position, bytes.GetRange(position, length));
                    break;
                case 4:
                    var other = Choose(others);
                    var start = _random.Next(other.Length + 1);
                    bytes.InsertRange(position, other.AsSpan(start, Math.Min(other.Length - start, _random.Next(100))));
                    break;
                default:
                    bytes.Insert(position, (byte)_random.Next(256));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Puts another number in the place of the next one, so that what surrounds it stays readable.</summary>
    private void ReplaceNumber(List<byte> bytes, int from, byte[] other)
    {
        var (start, end) = NumberOf(bytes, from);
        if (start < 0) return;
        var (otherStart, otherEnd) = NumberOf(other, _random.Next(other.Length + 1));
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, otherStart < 0 || _random.Next(2) == 0
            ? Encoding.UTF8.GetBytes(Numbers[_random.Next(Numbers.Length)]) : other[otherStart..otherEnd]);
    }

    private static (int Start, int End) NumberOf(IReadOnlyList<byte> bytes, int from)
    {
        var start = from;
        while (start < bytes.Count && !char.IsAsciiDigit((char)bytes[start])) start++;
        if (start == bytes.Count) return (-1, -1);
        var end = start;
        while (end < bytes.Count && char.IsAsciiDigit((char)bytes[end])) end++;
        return (start, end);
    }
}
