using System.Diagnostics;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Calls to a cluster. A call that fails is repeated until the cluster answers, so every call must be repeatable.</summary>
/// <param name="longest">The time after which a call is no longer repeated.</param>
/// <param name="note">Receives one note if the cluster does not answer.</param>
/// <param name="cancellation">Ends the repetition early.</param>
internal sealed class ClusterCalls(TimeSpan longest, Action<string> note, Cancellation cancellation)
{
    private static readonly TimeSpan BeforeNote = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    private bool _isNoted;

    /// <summary>Makes a call, and waits for its result.</summary>
    /// <exception cref="InvalidOperationException">The cluster has not answered for the longest time.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public T Get<T>(Func<Task<T>> call)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            cancellation.ThrowIfRequested();
            try
            {
                // The caller may block the scheduler on which the call would continue: use the pool's.
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

    /// <summary>Makes a call, and waits for its end.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public void Do(Func<Task> call) => Get(async () =>
    {
        await call();
        return true;
    });
}
