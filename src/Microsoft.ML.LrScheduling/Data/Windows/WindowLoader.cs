namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Loads the windows of each epoch. While training uses one window, a thread of the thread pool loads the next one, so that training does
/// not wait for shuffling and memory.
/// </summary>
/// <param name="set">The rows.</param>
/// <param name="order">The order of the rows. Only one thread uses it at a time, and no other code may use it.</param>
internal sealed class WindowLoader(TrainingSet set, RowOrder order) : IThreadPoolWorkItem, IDisposable
{
    // The minimum size of a window that another thread loads, because the transfer takes some microseconds.
    private const int ValuesWorthAThread = 1 << 14;

    private enum Stage
    {
        Idle,
        Waiting,
        Running,
        Done,
    }

    private readonly RowWindow[] _windows = [NewWindow(set, order), NewWindow(set, order)];
    private readonly bool _worksAhead = Environment.ProcessorCount > 1 && (long)order.WindowRows * set.ValuesPerRow >= ValuesWorthAThread;

    private int _current;
    private (int Epoch, int Window) _next = (-1, -1);
    private int _stage;

    /// <summary>The number of windows in an epoch.</summary>
    public int WindowCount => order.WindowCount;

    /// <summary>The maximum number of rows in a window.</summary>
    public int WindowRows => order.WindowRows;

    /// <summary>Loads a window. It is valid until the next call.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="window">The window, in [0, <see cref="WindowCount"/>).</param>
    public RowWindow Load(int epoch, int window)
    {
        Finish();
        if (_next != (epoch, window))
        {
            _next = (epoch, window);
            Fill();
        }

        _current = 1 - _current;
        // Training asks for the windows in order, so the next one is known.
        _next = window + 1 < WindowCount ? (epoch, window + 1) : (epoch + 1, 0);
        if (_worksAhead) Begin();
        else _next = (-1, -1);
        return _windows[_current];
    }

    /// <summary>Waits until no thread reads the rows any more.</summary>
    public void Dispose()
    {
        // If the work has not started, claiming it here prevents it from starting later.
        if (!Claim()) Finish();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (!Claim()) return;
        Fill();
        Volatile.Write(ref _stage, (int)Stage.Done);
    }

    private static RowWindow NewWindow(TrainingSet set, RowOrder order) =>
        new(set, order.WindowRows, order.IsShuffledWithinWindows && RowWindow.IsWorthPacking(set));

    private void Begin()
    {
        Volatile.Write(ref _stage, (int)Stage.Waiting);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>
    /// Completes the loading that was requested: waits for the pool's thread, or loads the window here if that thread has not started.
    /// </summary>
    private void Finish()
    {
        if (Volatile.Read(ref _stage) == (int)Stage.Idle) return;
        if (Claim()) Fill();
        else
        {
            var spinner = new SpinWait();
            while (Volatile.Read(ref _stage) != (int)Stage.Done) spinner.SpinOnce(sleep1Threshold: -1);
        }

        Volatile.Write(ref _stage, (int)Stage.Idle);
    }

    private bool Claim() => Interlocked.CompareExchange(ref _stage, (int)Stage.Running, (int)Stage.Waiting) == (int)Stage.Waiting;

    private void Fill() => _windows[1 - _current].Fill(order.Runs(_next.Epoch, _next.Window), order.Places(_next.Epoch, _next.Window));
}
