using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Workers that train the trials of a sweep outside its process, such as <c>OrleansWorkers</c> of Microsoft.ML.LrScheduling.Orleans.
/// </summary>
public abstract class SweepWorkers
{
    internal SweepWorkers()
    {
    }

    /// <summary>The worker of one sweep, which stands for all of them.</summary>
    /// <param name="local">Reads the rows in this process, and makes models.</param>
    /// <param name="data">The data.</param>
    /// <param name="options">How the sweep goes.</param>
    /// <param name="note">Told what a user should know.</param>
    /// <param name="cancellation">What ends the sweep.</param>
    internal abstract ISweepWorker WorkerFor(
        InProcessWorker local, SweepData data, SweepOptions options, Action<string> note, Cancellation cancellation);
}
