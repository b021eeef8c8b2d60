namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Gives the windows of each epoch. While one is trained on, a thread of the pool puts the next one together: shuffling and waiting for
/// memory take no time of the training.
/// </summary>
/// <param name="set">The rows.</param>
/// <param name="order">Their order. It is asked by one thread at a time, and by nobody else.</param>
internal sealed class WindowLoader(TrainingSet set, RowOrder order) : IThreadPoolWorkItem, IDisposable
{
    // Handing over to another thread takes some microseconds.
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

    /// <summary>The number of windows of an epoch.</summary>
    public int WindowCount => order.WindowCount;

    /// <summary>The most rows of a window.</summary>
    public int WindowRows => order.WindowRows;

    /// <summary>A window, to be used until the next one is asked for.</summary>
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
        // The next one of the order.
        _next = window + 1 < WindowCount ? (epoch, window + 1) : (epoch + 1, 0);
        if (_worksAhead) Begin();
        else _next = (-1, -1);
        return _windows[_current];
    }

    /// <summary>Waits until nobody reads the rows any more.</summary>
    public void Dispose()
    {
        // What nobody has begun, nobody will begin.
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
    /// Sees to it that what was begun is done: by waiting for the pool's thread, or without it where it has not come to it yet.
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
