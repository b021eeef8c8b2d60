namespace Microsoft.ML.Data;

/// <summary>A run of whole rows of one file, in a buffer that the reader of the rows owns.</summary>
internal sealed class TextBlock
{
    internal char[] Buffer = [];
    internal int Length;

    /// <summary>The one-based number, in its file, of the first line.</summary>
    internal long FirstLine;

    /// <summary>How many blocks came before this one.</summary>
    internal long Index;

    internal int File;
}

/// <summary>Hands out the files' text block by block, to one reader or to several at once.</summary>
internal sealed class TextBlocks(IMultiStreamSource source, TextFormat format) : IDisposable
{
    private const int BlockLength = 1 << 16;
    private readonly Lock _lock = new();
    private char[] _rest = [];
    private int _restLength;
    private TextReader _reader;
    private int _file = -1;
    private long _line;
    private long _index;

    /// <summary>Fills the block with the next rows; false when there are none.</summary>
    internal bool TryTake(TextBlock block)
    {
        lock (_lock)
        {
            while (true)
            {
                if (_reader is null && !OpenNext())
                    return false;
                if (TryFill(block))
                    return true;
                CloseFile();
            }
        }
    }

    public void Dispose() => CloseFile();

    private bool OpenNext()
    {
        if (_file + 1 >= source.Count)
            return false;
        _reader = source.OpenTextReader(++_file);
        _line = 1;
        return true;
    }

    private void CloseFile()
    {
        _reader?.Dispose();
        _reader = null;
        _restLength = 0;
    }

    private bool TryFill(TextBlock block)
    {
        Reserve(block, _restLength + BlockLength);
        _rest.AsSpan(0, _restLength).CopyTo(block.Buffer);
        var length = _restLength;
        _restLength = 0;
        while (true)
        {
            var read = _reader.ReadBlock(block.Buffer, length, block.Buffer.Length - length);
            length += read;
            if (length == 0)
                return false;
            // At the end of the file its last row needs no line feed.
            var whole = length < block.Buffer.Length ? length : EndOfWholeRows(block.Buffer.AsSpan(0, length));
            if (whole > 0)
            {
                KeepRest(block.Buffer.AsSpan(whole, length - whole));
                (block.Length, block.File, block.FirstLine, block.Index) = (whole, _file, _line, _index++);
                _line += block.Buffer.AsSpan(0, whole).Count('\n');
                return true;
            }
            Reserve(block, 2 * block.Buffer.Length);
        }
    }

    private int EndOfWholeRows(ReadOnlySpan<char> text)
    {
        if (!format.ReadMultilines)
            return text.LastIndexOf('\n') + 1;
        var end = 0;
        for (int row; (row = format.EndOfRow(text[end..])) >= 0;)
            end += row + 1;
        return end;
    }

    private void KeepRest(ReadOnlySpan<char> rest)
    {
        if (_rest.Length < rest.Length)
            _rest = new char[Math.Max(BlockLength, rest.Length)];
        rest.CopyTo(_rest);
        _restLength = rest.Length;
    }

    private static void Reserve(TextBlock block, int length)
    {
        if (block.Buffer.Length < length)
            Array.Resize(ref block.Buffer, length);
    }
}
