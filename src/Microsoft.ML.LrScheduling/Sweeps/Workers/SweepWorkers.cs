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

    /// <summary>Creates the worker of one sweep, which represents all of these workers.</summary>
    /// <param name="local">The worker in this process. It reads the rows and creates the final model.</param>
    /// <param name="data">The data.</param>
    /// <param name="options">The options of the sweep.</param>
    /// <param name="note">Receives notes for the user.</param>
    /// <param name="cancellation">Cancels the sweep.</param>
    internal abstract ISweepWorker WorkerFor(
        InProcessWorker local, SweepData data, SweepOptions options, Action<string> note, Cancellation cancellation);
}
