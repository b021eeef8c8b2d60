using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Reads the rows of a data view in order, with several cursors at once. Each cursor runs on its own thread, and the batches are merged by
/// their numbers.
/// </summary>
/// <param name="cursors">The cursors. This object disposes them.</param>
/// <param name="open">Opens a cursor, and returns the method that adds its current row to a batch.</param>
/// <param name="width">The number of features.</param>
/// <param name="check">
/// A method that is called every few milliseconds. It throws an exception to cancel, which takes effect after the current row of a cursor.
/// </param>
internal sealed class RowCursors(
    DataViewRowCursor[] cursors, Func<DataViewRowCursor, Action<RowBatch>> open, int width, Action check)
{
    private const int MillisecondsBetweenChecks = 20;

    // Enough that a thread can continue while batches of other threads are consumed, but few enough to stay in the cache.
    private const int BatchesAhead = 4;

    /// <summary>Reads all rows.</summary>
    /// <param name="take">Consumes a batch of rows on the calling thread. The batch is reused afterwards.</param>
    /// <remarks>An exception of a cursor or of <paramref name="take"/> ends the reading, and is thrown unchanged.</remarks>
    public void ReadAll(Action<RowBatch> take)
    {
        if (cursors.Length == 1)
        {
            using var cursor = cursors[0];
            var (batch, next) = (new RowBatch(width), Environment.TickCount64);
            var (add, hasRow) = (open(cursor), cursor.MoveNext());
            while (Read(cursor, add, ref hasRow, batch, CheckNowAndThen)) take(batch);
            return;

            void CheckNowAndThen()
            {
                if (Environment.TickCount64 < next) return;
                next = Environment.TickCount64 + MillisecondsBetweenChecks;
                check();
            }
        }

        using var stop = new CancellationTokenSource();
        Stream[] streams = [.. cursors.Select(cursor => new Stream(cursor, open, width, stop.Token))];
        try
        {
            Merge(streams, take, check);
        }
        finally
        {
            stop.Cancel();
            foreach (var stream in streams) stream.End();
        }
    }

    private static void Merge(Stream[] streams, Action<RowBatch> take, Action check)
    {
        RowBatch?[] heads = [.. streams.Select(stream => stream.Next(check))];
        while (true)
        {
            var first = -1;
            for (var i = 0; i < heads.Length; i++)
                if (heads[i] is { } head && (first < 0 || head.Number < heads[first]!.Number))
                    first = i;
            if (first < 0) return;
            take(heads[first]!);
            streams[first].GiveBack(heads[first]!);
            heads[first] = streams[first].Next(check);
        }
    }

    /// <summary>Fills a batch. Returns false at the end of the rows.</summary>
    private static bool Read(DataViewRowCursor cursor, Action<RowBatch> add, ref bool hasRow, RowBatch batch, Action check)
    {
        if (!hasRow) return false;
        batch.Clear(cursor.Batch);
        do
        {
            check();
            add(batch);
        }
        while ((hasRow = cursor.MoveNext()) && !batch.IsFull && cursor.Batch == batch.Number);
        return true;
    }

    /// <summary>The batches of one cursor, which its own thread reads.</summary>
    private sealed class Stream
    {
        private readonly BlockingCollection<RowBatch> _free = [];
        private readonly BlockingCollection<RowBatch> _filled = [];
        private readonly CancellationToken _stop;
        private readonly Task _task;
        private ExceptionDispatchInfo? _failure;

        public Stream(DataViewRowCursor cursor, Func<DataViewRowCursor, Action<RowBatch>> open, int width, CancellationToken stop)
        {
            _stop = stop;
            for (var i = 0; i < BatchesAhead; i++) _free.Add(new RowBatch(width), CancellationToken.None);
            _task = Task.Factory.StartNew(
                () => Run(cursor, open), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        /// <summary>Returns the next batch; null at the end.</summary>
        public RowBatch? Next(Action check)
        {
            RowBatch? batch;
            while (!_filled.TryTake(out batch, MillisecondsBetweenChecks) && !_filled.IsCompleted) check();
            if (batch is null) _failure?.Throw();
            return batch;
        }

        /// <summary>Returns a batch, so that the thread can fill it again.</summary>
        public void GiveBack(RowBatch batch) => _free.Add(batch);

        /// <summary>Waits for the thread to end. It must have been told to stop.</summary>
        public void End()
        {
            _task.Wait();
            _free.Dispose();
            _filled.Dispose();
        }

        private void Run(DataViewRowCursor cursor, Func<DataViewRowCursor, Action<RowBatch>> open)
        {
            try
            {
                using (cursor)
                {
                    var (add, hasRow) = (open(cursor), cursor.MoveNext());
                    while (hasRow)
                    {
                        var batch = _free.Take(_stop);
                        Read(cursor, add, ref hasRow, batch, _stop.ThrowIfCancellationRequested);
                        _filled.Add(batch, CancellationToken.None);
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The reader has stopped, so this is not a failure.
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                _filled.CompleteAdding();
            }
        }
    }
}
