using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Tells the log what a file's rows got wrong: the first few faults, and at the end how many there were.</summary>
internal sealed class TextReport(IHostEnvironment env, int readers)
{
    private const int MaximumShown = 10;
    private readonly IChannel _channel = env.Register(nameof(TextLoader)).Start("ParseStats");
    private int _readers = readers;
    private long _rows;
    private long _badValues;
    private long _faults;

    internal void BadValue(long line, string column, int? slot)
    {
        var count = Interlocked.Increment(ref _badValues);
        if (count > MaximumShown)
            return;
        _channel.Info(MessageSensitivity.Schema, slot is null
            ? $"  Bad value at line {line} in column {column}"
            : $"  Bad value at line {line} in column {column} at slot {slot}");
        if (count == MaximumShown)
            _channel.Info(MessageSensitivity.None, "  Suppressing further bad value messages");
    }

    internal void Fault(long line, string fault)
    {
        var count = Interlocked.Increment(ref _faults);
        if (count > MaximumShown)
            return;
        _channel.Warning(MessageSensitivity.None, $"Format error at line {line}: {fault}");
        if (count == MaximumShown)
            _channel.Warning(MessageSensitivity.None, "Suppressing further format error messages");
    }

    /// <summary>One of the cursors is done after so many rows; the last one closes the report.</summary>
    internal void Close(long rows)
    {
        Interlocked.Add(ref _rows, rows);
        if (Interlocked.Decrement(ref _readers) != 0)
            return;
        if (_badValues > 0 || _faults > 0)
            _channel.Info(MessageSensitivity.None, $"Processed {_rows} rows with {_badValues} bad values and {_faults} format errors");
        _channel.Dispose();
    }
}
