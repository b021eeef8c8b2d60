using System.Diagnostics;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>
/// Shows the progress of a training or a sweep on the console. On a terminal it shows a live display; if the output goes to a file or a
/// pipe, it writes plain lines.
/// </summary>
/// <remarks>
/// For a training it shows a progress bar, the epoch, the learning rate, the losses, the metrics and the remaining time. For a sweep it
/// shows the number of trials that have ended, the remaining time if it is known, and the best ten trials. Plain output has one line per
/// epoch, or one line whenever trials of a sweep, or trainings of its cross-validation, have ended. Reports appear in order, unlike with
/// <see cref="Progress{T}"/>, which posts them to the thread pool in console programs. If there is already another live display on the
/// terminal, such as the progress of another training, it writes plain lines. The display ends when its training or sweep ends, for
/// whatever reason; what you write afterwards appears below it. You can use it for several trainings or sweeps, one after another, and from
/// several threads.
/// </remarks>
/// <example>
/// <code>
/// using var progress = new ConsoleProgress();
/// options.Progress = progress;
/// </code>
/// </example>
public sealed class ConsoleProgress : IProgress<TrainingProgress>, IProgress<SweepProgress>, IProgress<StopReason>, IDisposable
{
    // Faster updates would not be readable.
    private static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(100);

    private static readonly Lock OwnLock = new();

    private static IAnsiConsole? _own;

    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console;
    private readonly TrainingView _training = new();
    private bool _isLive;
    private LiveDrawing? _drawing;
    // Renders the last report. The argument is the reason why training or the sweep ended; null if it has not ended.
    private Func<StopReason?, IRenderable>? _shown;
    private long _drawn;
    private (int Trials, int Folds, int OnFolds) _ended;

    /// <summary>Creates a display on a console.</summary>
    /// <param name="console">The console; null for the console of the process.</param>
    public ConsoleProgress(IAnsiConsole? console = null)
    {
        _console = console ?? OfProcess();
        _isLive = _console.Profile is { Out.IsTerminal: true, Capabilities.Ansi: true };
    }

    /// <summary>Shows the progress of a training.</summary>
    /// <param name="value">The progress.</param>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            _training.Take(value);
            if (!_isLive || !TryDraw(_training.Shown)) Write($"{value}");
            // Code that forwards progress might not forward the stop reason.
            if (value.Epoch.Epoch == value.NumberOfEpochs) End(StopReason.Completed);
        }
    }

    /// <summary>Shows the progress of a sweep.</summary>
    /// <param name="value">The progress.</param>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            var isDrawn = _isLive
                && TryDraw(ended => SweepView.Of(value, ended, _console.Profile.Width, _console.Profile.Height));
            var ended = (value.EndedCount, value.EndedFoldTrainingCount, value.FoldTrainingCount);
            if (!isDrawn && ended != _ended) Write($"{value}");
            _ended = ended;
        }
    }

    /// <summary>Ends the display of a training or a sweep, with the last report and the reason why it ended.</summary>
    /// <param name="value">The reason why it ended.</param>
    public void Report(StopReason value)
    {
        lock (_lock) End(value);
    }

    /// <summary>Shows the last report and ends the display.</summary>
    public void Dispose()
    {
        lock (_lock) End(reason: null);
    }

    /// <summary>Draws. Returns false if another live display uses the terminal; from then on, plain lines are written.</summary>
    private bool TryDraw(Func<StopReason?, IRenderable> shown)
    {
        _shown = shown;
        var now = Stopwatch.GetTimestamp();
        if (_drawing is null)
        {
            _drawing = LiveDrawing.TryBegin(_console, shown(null));
            if (_drawing is null) return _isLive = false;
        }
        else if (Stopwatch.GetElapsedTime(_drawn, now) >= BetweenDrawings) _drawing.Draw(shown(null));
        else return true;
        _drawn = now;
        return true;
    }

    private void End(StopReason? reason)
    {
        if (_drawing is null) return;
        _drawing.Draw(_shown!(reason));
        _drawing.Dispose();
        _drawing = null;
    }

    // All displays share one console, which knows whether a live display is active. The console of Spectre.Console can belong to a previous
    // standard output.
    private static IAnsiConsole OfProcess()
    {
        lock (OwnLock)
        {
            if (ReferenceEquals(AnsiConsole.Console.Profile.Out.Writer, Console.Out)) return AnsiConsole.Console;
            if (_own is null || !ReferenceEquals(_own.Profile.Out.Writer, Console.Out))
                _own = AnsiConsole.Create(new AnsiConsoleSettings());
            return _own;
        }
    }

    private void Write(string line)
    {
        // On a terminal, the line appears above the live display and overwrites its first line. The padding erases the rest of that line.
        if (_console.Profile is { Out.IsTerminal: true, Capabilities.Ansi: true })
        {
            _console.WriteLine(line.PadRight(_console.Profile.Width - 1));
            return;
        }

        // Spectre.Console would wrap lines, because it assumes a width for a pipe.
        _console.Profile.Out.Writer.WriteLine(line);
        _console.Profile.Out.Writer.Flush();
    }
}
