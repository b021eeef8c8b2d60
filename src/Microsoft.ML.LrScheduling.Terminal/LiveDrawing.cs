using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>A live display on a terminal, which is redrawn in place until it is disposed.</summary>
internal sealed class LiveDrawing : IDisposable
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private LiveDisplayContext? _context;

    private LiveDrawing(IAnsiConsole console, IRenderable first) => _running = console.Live(first).StartAsync(context =>
    {
        _context = context;
        context.Refresh();
        return _end.Task;
    });

    /// <summary>Starts the display. Returns null if another live display is already active.</summary>
    public static LiveDrawing? TryBegin(IAnsiConsole console, IRenderable first)
    {
        var drawing = new LiveDrawing(console, first);
        return drawing._running is { IsFaulted: true, Exception.InnerException: InvalidOperationException } ? null : drawing;
    }

    public void Draw(IRenderable shown) => _context?.UpdateTarget(shown);

    public void Dispose()
    {
        _end.TrySetResult();
        _running.GetAwaiter().GetResult();
    }
}
