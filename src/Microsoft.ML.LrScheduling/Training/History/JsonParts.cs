using System.Text.Json;
using System.Text.Unicode;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// A document of JSON, read from a stream a part at a time: a bracket, a name or a whole value. No more of it is in memory than the part.
/// </summary>
/// <param name="stream">The stream; a mark of UTF-8 at its beginning is left out.</param>
/// <param name="maxDepth">How deep the document may be.</param>
internal sealed class JsonParts(Stream stream, int maxDepth)
{
    private const int FirstLength = 1 << 16;
    private const int MostTokens = 8_000_000;

    private byte[] _buffer = new byte[FirstLength];
    private int _start;
    private int _count;
    private bool _hasBegun;
    private bool _hasEnded;
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = maxDepth });

    /// <summary>The bytes of the part that was read last, until the next one is.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The kind of the part that was read last.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>The numbers in the part that was read last.</summary>
    public int Numbers { get; private set; }

    /// <summary>Reads the next bracket, name or value that is neither an object nor an array.</summary>
    /// <exception cref="JsonException">It is not JSON, or too long.</exception>
    public JsonTokenType Token() => Next(isWhole: false, FirstLength);

    /// <summary>Reads the next value as a whole, or the end of the array or the object that it would be in.</summary>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="JsonException">It is not JSON, or too long, or holds text that is not Unicode.</exception>
    public JsonTokenType Value(int most) => Next(isWhole: true, most);

    /// <summary>Reads to the end of the stream.</summary>
    /// <exception cref="JsonException">There is more than the document.</exception>
    public void End()
    {
        while (true)
        {
            var reader = Reader();
            if (reader.Read()) throw new JsonException("There is more than one value.");
            if (_hasEnded) return;
            (_start, _count) = (0, 0);
            Fill(FirstLength);
        }
    }

    /// <summary>The name that was read last.</summary>
    public string Name() => JsonSerializer.Deserialize<string>(Bytes.Span)!;

    private JsonTokenType Next(bool isWhole, int most)
    {
        while (true)
        {
            var reader = Reader();
            if (reader.Read())
            {
                var (kind, start) = (reader.TokenType, (int)reader.TokenStartIndex);
                if (!isWhole || WalkedOver(ref reader))
                {
                    // A name ends before the colon.
                    var length = kind == JsonTokenType.PropertyName ? reader.ValueSpan.Length + 2 : (int)reader.BytesConsumed - start;
                    Bytes = _buffer.AsMemory(_start + start, length);
                    if (!Utf8.IsValid(Bytes.Span)) throw NotUnicode();
                    _state = reader.CurrentState;
                    (_start, _count) = (_start + (int)reader.BytesConsumed, _count - (int)reader.BytesConsumed);
                    return Kind = kind;
                }
            }

            Fill(most);
        }
    }

    private Utf8JsonReader Reader()
    {
        if (!_hasBegun)
        {
            Fill(FirstLength);
            if (_buffer.AsSpan(0, _count).StartsWith("\uFEFF"u8)) (_start, _count) = (3, _count - 3);
            _hasBegun = true;
        }

        return new Utf8JsonReader(_buffer.AsSpan(_start, _count), _hasEnded, _state);
    }

    // Whether all of a value is there.
    private bool WalkedOver(ref Utf8JsonReader reader)
    {
        Numbers = 0;
        var depth = reader.CurrentDepth;
        for (var tokens = 1; ; tokens++)
        {
            if (tokens > MostTokens) throw new JsonException($"A value must have at most {MostTokens} numbers, texts and brackets.");
            if (reader.TokenType == JsonTokenType.Number) Numbers++;
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped) CheckText(ref reader);
            if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) && reader.CurrentDepth <= depth)
                return true;
            if (!reader.Read()) return false;
        }
    }

    private static void CheckText(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw NotUnicode(e);
        }
    }

    private static JsonException NotUnicode(Exception? inner = null) => new("The JSON holds text that is not Unicode.", inner);

    private void Fill(int most)
    {
        _buffer.AsSpan(_start, _count).CopyTo(_buffer);
        _start = 0;
        if (_count == _buffer.Length)
        {
            if (_count >= most) throw new JsonException($"A value must have at most {most >> 10} KiB.");
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, most));
        }

        // As much as there is room for: after each filling a part is walked over from its beginning.
        var room = _buffer.Length - _count;
        var read = stream.ReadAtLeast(_buffer.AsSpan(_count), room, throwOnEndOfStream: false);
        _count += read;
        _hasEnded = read < room;
    }
}
