using System.Runtime.CompilerServices;
using System.Text;

namespace Microsoft.ML.Runtime;

/// <summary>The message of a check, composed only where the check fails: checks stand in loops over rows.</summary>
[InterpolatedStringHandler]
internal readonly struct CheckMessage
{
    private readonly StringBuilder _text;

    public CheckMessage(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = isNeeded ? new() : null;
    }

    public void AppendLiteral(string value) => _text.Append(value);

    public void AppendFormatted<T>(T value) => _text.Append(value);

    public override string ToString() => _text.ToString();
}
