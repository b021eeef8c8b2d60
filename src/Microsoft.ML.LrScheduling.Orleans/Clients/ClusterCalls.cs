using System.Diagnostics;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Calls of a cluster, any of which may be repeated: one that fails is, until the cluster answers.</summary>
/// <param name="longest">How long.</param>
/// <param name="note">Told once, that the cluster does not answer.</param>
/// <param name="cancellation">What ends it before.</param>
internal sealed class ClusterCalls(TimeSpan longest, Action<string> note, Cancellation cancellation)
{
    private static readonly TimeSpan BeforeNote = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    private bool _isNoted;

    /// <summary>Has a call made, and waits for what it gives.</summary>
    /// <exception cref="InvalidOperationException">The cluster has not answered for so long.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public T Get<T>(Func<Task<T>> call)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            cancellation.ThrowIfRequested();
            try
            {
                // Not on a scheduler of the caller's, which may be waiting for this.
                return Task.Run(call).GetAwaiter().GetResult();
            }
            catch (Exception e)
            {
                if (Stopwatch.GetElapsedTime(since) > longest)
                    throw new InvalidOperationException(
                        $"The cluster has not answered for {longest}, and the sweep has ended. You can continue it with its journal. "
                        + $"{e.Message}", e);
                if (!_isNoted && Stopwatch.GetElapsedTime(since) > BeforeNote)
                {
                    _isNoted = true;
                    note($"The cluster does not answer. The sweep repeats its calls for up to {longest}. {OneLine.Of(e.Message)}");
                }
            }

            Thread.Sleep(BetweenTries);
        }
    }

    /// <summary>Has a call made, and waits for its end.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public void Do(Func<Task> call) => Get(async () =>
    {
        await call();
        return true;
    });
}
