using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// How many threads libtorch computes with while models train: one. Sums are then added in one order on every machine, and the products of minibatches are too small to
/// share: waking a thread takes longer.
/// </summary>
internal static class TorchThreads
{
    private static readonly Lock Lock = new();

    private static int _users;
    private static int _before;

    /// <summary>Computes with one thread, also on the calling thread, until <see cref="Restore"/> is called as often.</summary>
    public static void UseOne()
    {
        lock (Lock)
        {
            if (_users++ == 0) _before = torch.get_num_threads();
            torch.set_num_threads(1);
        }
    }

    /// <summary>Computes with as many threads as before.</summary>
    public static void Restore()
    {
        lock (Lock)
        {
            // libtorch keeps the number for the process, and OpenMP one for each thread: other trainings go on with one.
            _users--;
            torch.set_num_threads(_before);
        }
    }
}
