namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// Writes a state for all who ask meanwhile: whoever asks while a write is under way is served by the next one, with all others. A store
/// that takes a while for each write then keeps up with any number of callers.
/// </summary>
/// <param name="write">Writes the state as it is when it is called. Called on the thread of the grain.</param>
internal sealed class SharedWrites(Func<Task> write)
{
    private Task _underWay = Task.CompletedTask;
    private Task? _next;

    /// <summary>Ends when what there is now has been written.</summary>
    public Task WriteAsync()
    {
        if (_next is not null) return _next;
        return _underWay.IsCompleted ? _underWay = write() : _next = WriteAfter(_underWay);
    }

    private async Task WriteAfter(Task before)
    {
        // Who asked for it is told.
        await before.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        _next = null;
        await (_underWay = write());
    }
}
