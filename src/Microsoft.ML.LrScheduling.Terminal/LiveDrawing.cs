using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>Something on a terminal that is drawn again in its place, until it is disposed of.</summary>
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

    /// <summary>Begins; returns null where something else is drawn already.</summary>
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
