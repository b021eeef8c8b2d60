using System.Text.Json;
using System.Text.Unicode;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Reads a JSON document from a stream, one part at a time: a bracket, a name or a whole value. Only this part is in memory.
/// </summary>
/// <param name="stream">The stream. A UTF-8 byte order mark at its start is skipped.</param>
/// <param name="maxDepth">The maximum depth of the document.</param>
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

    /// <summary>The bytes of the last part. They are valid until the next part is read.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The token type of the last part.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>The number of numeric values in the last part, if it was a whole value.</summary>
    public int Numbers { get; private set; }

    /// <summary>Reads the next bracket, name or simple value.</summary>
    /// <exception cref="JsonException">The text is not JSON, or the part is too long.</exception>
    public JsonTokenType Token() => Next(isWhole: false, FirstLength);

    /// <summary>Reads the next value as a whole, or the end of the enclosing array or object.</summary>
    /// <param name="most">The maximum length of the value, in bytes.</param>
    /// <exception cref="JsonException">The text is not JSON, the value is too long, or it contains text that is not Unicode.</exception>
    public JsonTokenType Value(int most) => Next(isWhole: true, most);

    /// <summary>Reads to the end of the stream.</summary>
    /// <exception cref="JsonException">There is another value after the document.</exception>
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

    /// <summary>Returns the last part as a property name.</summary>
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
                    // The consumed bytes of a name include the colon.
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

    // Skips a value. Returns false if the buffer does not contain all of it.
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

        // The whole buffer is filled, because after each fill the part is scanned again from its start.
        var room = _buffer.Length - _count;
        var read = stream.ReadAtLeast(_buffer.AsSpan(_count), room, throwOnEndOfStream: false);
        _count += read;
        _hasEnded = read < room;
    }
}
