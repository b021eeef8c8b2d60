using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// Makes libtorch compute on one thread while models train. Sums are then added in the same order on every machine. The products of
/// minibatches are too small for several threads anyway, since waking a thread takes longer.
/// </summary>
/// <remarks>
/// libtorch has a number of threads for each calling thread. A calling thread gets the number of the process when it first computes. So
/// each training sets the number for its own thread, and restores it when the outermost training on that thread ends.
/// </remarks>
internal static class TorchThreads
{
    private static readonly Lock Lock = new();

    private static int _trainings;
    private static int _processNumber;

    [ThreadStatic]
    private static int _ownNumber;

    [ThreadStatic]
    private static int _depth;

    /// <summary>
    /// Makes the calling thread compute on one thread, until <see cref="Restore"/> has been called the same number of times.
    /// </summary>
    public static void UseOne()
    {
        lock (Lock)
        {
            // get_num_threads makes libtorch assign a number to this thread now. Otherwise it would do so later, and could then take a
            // number that another training has already restored.
            var number = torch.get_num_threads();
            if (_trainings++ == 0) _processNumber = number;
            if (_depth++ > 0) return;
            // A thread that computes for the first time takes the 1 of another thread that trains. Its own number is then that of the
            // process.
            _ownNumber = number > 1 ? number : _processNumber;
            torch.set_num_threads(1);
        }
    }

    /// <summary>Restores the number of threads that the calling thread had before.</summary>
    public static void Restore()
    {
        lock (Lock)
        {
            _trainings--;
            if (--_depth == 0) torch.set_num_threads(_ownNumber);
        }
    }
}
