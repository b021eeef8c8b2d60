namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Threads that compute the parts of a minibatch. After a run they spin for some microseconds before they sleep, because waking a thread
/// can take longer than a part.
/// </summary>
/// <param name="threads">The number of threads, including the thread of the caller; at least 1.</param>
/// <param name="work">Computes a part. It must not throw.</param>
internal sealed class WorkerTeam(int threads, Action<int> work) : IDisposable
{
    private const int SpinsBeforeSleep = 2000;

    private readonly SemaphoreSlim _awake = new(0);
    private readonly List<Thread> _workers = [];

    // One atomic word, so that a late worker cannot take a part of another run. The upper 32 bits are the number of the run, the next 16
    // bits its number of parts, and the lowest 16 bits the next part to compute.
    private long _ticket;
    private int _done;
    private int _sleepers;
    private volatile bool _isOver;

    /// <summary>Computes all parts; returns when the last one is done.</summary>
    public void Run(int parts)
    {
        while (_workers.Count < Math.Min(threads, parts) - 1) Start();
        _done = 0;
        var run = RunNow() + 1;
        Interlocked.Exchange(ref _ticket, (long)run << 32 | (long)parts << 16);
        if (Volatile.Read(ref _sleepers) is > 0 and var sleepers) _awake.Release(sleepers);
        Work(run);
        var spinner = new SpinWait();
        while (Volatile.Read(ref _done) < parts) spinner.SpinOnce(sleep1Threshold: -1);
    }

    public void Dispose()
    {
        _isOver = true;
        _awake.Release(_workers.Count + 1);
        foreach (var worker in _workers) worker.Join();
        _awake.Dispose();
    }

    private void Start()
    {
        var worker = new Thread(WaitAndWork) { IsBackground = true, Name = "LrScheduling training" };
        _workers.Add(worker);
        worker.Start();
    }

    private void WaitAndWork()
    {
        var last = 0;
        while (true)
        {
            var run = RunNow();
            for (var spins = 0; run == last && spins < SpinsBeforeSleep; spins++)
            {
                Thread.SpinWait(8);
                run = RunNow();
            }

            if (_isOver) return;
            if (run == last)
            {
                Interlocked.Increment(ref _sleepers);
                // A run that began before _sleepers was incremented does not wake this thread, so it checks again.
                if (RunNow() == last && !_isOver) _awake.Wait();
                Interlocked.Decrement(ref _sleepers);
                continue;
            }

            Work(run);
            last = run;
        }
    }

    private void Work(int run)
    {
        while (true)
        {
            var ticket = Volatile.Read(ref _ticket);
            var (parts, part) = ((ushort)(ticket >> 16), (ushort)ticket);
            if ((int)(ticket >> 32) != run || part >= parts) return;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket) continue;
            work(part);
            Interlocked.Increment(ref _done);
        }
    }

    private int RunNow() => (int)(Volatile.Read(ref _ticket) >> 32);
}
