namespace Microsoft.ML.Data;

/// <summary>Steps through the rows of the blocks that it takes, passing over headers, comments and empty lines.</summary>
internal sealed class TextRows(TextBlocks blocks, TextFormat format, bool skipHeader)
{
    private readonly TextBlock _block = new();
    private int _next;
    private long _nextLine;
    private bool _inPreamble;

    internal char[] Buffer => _block.Buffer;
    internal int Start { get; private set; }
    internal int End { get; private set; }
    internal long Line { get; private set; }
    internal long Block => _block.Index;
    internal int File => _block.File;

    internal bool MoveNext()
    {
        while (true)
        {
            if (_next >= _block.Length && !TakeBlock())
                return false;
            Step();
            var row = Buffer.AsSpan(Start, End - Start);
            if (row.IsEmpty || row is ['/', '/', ..])
                continue;
            if (_inPreamble)
            {
                // Only in front of the first row or header does # make a comment.
                if (row[0] == '#')
                    continue;
                _inPreamble = false;
                if (skipHeader)
                    continue;
            }
            return true;
        }
    }

    private bool TakeBlock()
    {
        if (!blocks.TryTake(_block))
            return false;
        (_next, _nextLine) = (0, _block.FirstLine);
        _inPreamble = _block.FirstLine == 1;
        return true;
    }

    private void Step()
    {
        var text = Buffer.AsSpan(_next, _block.Length - _next);
        var end = format.EndOfRow(text);
        Line = _nextLine;
        Start = _next;
        if (end < 0)
            end = text.Length;
        else
            _nextLine++;
        _next += end + 1;
        if (format.ReadMultilines)
            _nextLine += text[..end].Count('\n');
        End = Start + (end > 0 && text[end - 1] == '\r' ? end - 1 : end);
    }
}
