using System.Threading.Channels;
using Microsoft.ML.LrScheduling.Orleans;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>One write serves all who asked while the one before was under way.</summary>
[TestClass]
public sealed class SharedWritesTests
{
    private readonly Channel<TaskCompletionSource> _started = Channel.CreateUnbounded<TaskCompletionSource>();

    [TestMethod]
    public async Task Who_asks_during_a_write_is_served_by_the_next_one_with_all_others()
    {
        var writes = New();
        var first = writes.WriteAsync();
        var (second, third) = (writes.WriteAsync(), writes.WriteAsync());
        var one = await _started.Reader.ReadAsync(CancellationToken.None);
        Assert.IsFalse(_started.Reader.TryRead(out _), "one at a time");
        one.SetResult();
        await first;
        var two = await _started.Reader.ReadAsync(CancellationToken.None);
        Assert.IsFalse(second.IsCompleted || third.IsCompleted, "what they changed is written now");
        var fourth = writes.WriteAsync();
        two.SetResult();
        await Task.WhenAll(second, third);
        var three = await _started.Reader.ReadAsync(CancellationToken.None);
        Assert.IsFalse(fourth.IsCompleted, "it came after that write had begun");
        three.SetResult();
        await fourth;
        Assert.IsFalse(_started.Reader.TryRead(out _), "one for both");
    }

    [TestMethod]
    public async Task A_write_that_fails_fails_for_those_who_waited_for_it()
    {
        var writes = New();
        var (first, second) = (writes.WriteAsync(), writes.WriteAsync());
        (await _started.Reader.ReadAsync(CancellationToken.None)).SetException(new IOException("no room"));
        await Assert.ThrowsExactlyAsync<IOException>(() => first);
        var next = await _started.Reader.ReadAsync(CancellationToken.None);
        Assert.IsFalse(second.IsCompleted);
        next.SetResult();
        await second;
    }

    private SharedWrites New() => new(() =>
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.IsTrue(_started.Writer.TryWrite(started));
        return started.Task;
    });
}
