using System.Diagnostics;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>
/// Shows on the console how far a training or a sweep has come: on a terminal a display that is drawn again as it goes on, in a file or a
/// pipe plain lines.
/// </summary>
/// <remarks>
/// Of a training it shows a bar, the epoch, the rate, the losses, the metrics and the time left; of a sweep how many trials have ended
/// and the best ten. What is piped gets a line an epoch, and a line whenever trials of a sweep have ended. Unlike
/// <see cref="Progress{T}"/>, which posts reports to the thread pool in console programs, it shows them in their order. Where something
/// else is drawn on the terminal, such as the progress of another training, it writes lines. Dispose of it
/// before anything else is written: the display then ends. It may be used for one training or sweep after another, and by several
/// threads.
/// </remarks>
/// <example>
/// <code>
/// using var progress = new ConsoleProgress();
/// options.Progress = progress;
/// </code>
/// </example>
public sealed class ConsoleProgress : IProgress<TrainingProgress>, IProgress<SweepProgress>, IDisposable
{
    // Faster than that nobody reads.
    private static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console;
    private readonly TrainingView _training = new();
    private bool _isLive;
    private LiveDrawing? _drawing;
    private IRenderable? _last;
    private long _drawn;
    private int _endedTrials;

    /// <summary>Shows progress on a console.</summary>
    /// <param name="console">The console; null for that of the process.</param>
    public ConsoleProgress(IAnsiConsole? console = null)
    {
        // That of the process may have been another when Spectre.Console's own was made.
        _console = console ?? AnsiConsole.Create(new AnsiConsoleSettings());
        _isLive = _console.Profile is { Out.IsTerminal: true, Capabilities.Ansi: true };
    }

    /// <summary>Shows how far a training has come.</summary>
    /// <param name="value">How far.</param>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if (!_isLive || !TryDraw(_training.Of(value), isLast: value.Epoch.Epoch == value.NumberOfEpochs)) Write($"{value}");
        }
    }

    /// <summary>Shows how far a sweep has come.</summary>
    /// <param name="value">How far.</param>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if ((!_isLive || !TryDraw(SweepView.Of(value), isLast: false)) && value.EndedCount != _endedTrials) Write($"{value}");
            _endedTrials = value.EndedCount;
        }
    }

    /// <summary>Ends the display, with what was reported last.</summary>
    public void Dispose()
    {
        lock (_lock) End();
    }

    /// <summary>Draws; returns false where something else is drawn on the terminal: then lines are written, from now on.</summary>
    private bool TryDraw(IRenderable shown, bool isLast)
    {
        _last = shown;
        var now = Stopwatch.GetTimestamp();
        if (_drawing is null)
        {
            _drawing = LiveDrawing.TryBegin(_console, shown);
            if (_drawing is null) return _isLive = false;
        }
        else if (isLast || Stopwatch.GetElapsedTime(_drawn, now) >= BetweenDrawings) _drawing.Draw(shown);
        else return true;
        _drawn = now;
        if (isLast) End();
        return true;
    }

    private void End()
    {
        if (_drawing is null) return;
        _drawing.Draw(_last!);
        _drawing.Dispose();
        _drawing = null;
    }

    // Not by Spectre.Console, which breaks lines at the width that it takes a pipe to have.
    private void Write(string line)
    {
        _console.Profile.Out.Writer.WriteLine(line);
        _console.Profile.Out.Writer.Flush();
    }
}
