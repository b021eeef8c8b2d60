using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// How many threads libtorch computes with while models train: one. Sums are then added in one order on every machine, and the products
/// of minibatches are too small to share: waking a thread takes longer.
/// </summary>
/// <remarks>
/// libtorch keeps the number for each thread, and one for the process that a thread takes when it first computes. So each training sets
/// that of its own thread, and gives it back when the outermost training of that thread ends.
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

    /// <summary>Computes with one thread on the calling thread, until <see cref="Restore"/> is called on it as often.</summary>
    public static void UseOne()
    {
        lock (Lock)
        {
            // Asking makes libtorch take its number for this thread: were it to do so later, it would take the one that another training
            // may have given back by then.
            var number = torch.get_num_threads();
            if (_trainings++ == 0) _processNumber = number;
            if (_depth++ > 0) return;
            // A thread that computes for the first time takes the one of another that trains: its own is then that of the process.
            _ownNumber = number > 1 ? number : _processNumber;
            torch.set_num_threads(1);
        }
    }

    /// <summary>Computes on the calling thread with as many threads as the user had before.</summary>
    public static void Restore()
    {
        lock (Lock)
        {
            _trainings--;
            if (--_depth == 0) torch.set_num_threads(_ownNumber);
        }
    }
}
