namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// Combines writes of a state. All callers that arrive during a write share the next one. Slow storage can therefore serve any number of
/// callers.
/// </summary>
/// <param name="write">Writes the current state. It is called on the scheduler of the grain.</param>
internal sealed class SharedWrites(Func<Task> write)
{
    private Task _underWay = Task.CompletedTask;
    private Task? _next;

    /// <summary>Writes the state. The task ends when the state as of this call has been written.</summary>
    public Task WriteAsync()
    {
        if (_next is not null) return _next;
        return _underWay.IsCompleted ? _underWay = write() : _next = WriteAfter(_underWay);
    }

    private async Task WriteAfter(Task before)
    {
        // Its own callers get its exception.
        await before.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        _next = null;
        await (_underWay = write());
    }
}
