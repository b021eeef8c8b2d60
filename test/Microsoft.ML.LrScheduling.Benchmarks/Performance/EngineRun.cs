using System.Diagnostics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// An engine that trains as the loop of training has it: windows of rows, shuffled or not, minibatch after minibatch, the loss asked for
/// after each.
/// </summary>
internal sealed class EngineRun : IDisposable
{
    // A look at the clock takes a tenth of the time of the smallest minibatch.
    private const int StepsBetweenLooks = 64;

    private readonly int _batchSize;
    private readonly WindowLoader _windows;
    private readonly ILinearEngine _engine;
    private readonly double[] _rates;
    private readonly double[] _losses;
    private int _epoch;
    private int _nextWindow;
    private int _start;
    private int _end;

    public EngineRun(
        Func<LinearProblem, ILinearEngine> create, TrainingSet rows, int batchSize, double rate = 1e-4, Loss? loss = null,
        Optimizer? optimizer = null, int models = 1, bool shuffles = true, ModelSettings? settings = null, int classes = 10)
    {
        _batchSize = batchSize;
        _windows = new WindowLoader(rows, new RowOrder(rows.RowCount, rows.ValuesPerRow, batchSize, shuffles ? 1 : null));
        var problem = Problems.Problem(rows, batchSize, _windows.WindowRows, loss, optimizer, models, classes);
        _engine = create(settings is null ? problem : problem with { Models = [.. Enumerable.Repeat(settings, models)] });
        // A rate of its own for each model.
        _rates = [.. Enumerable.Range(0, models * ILinearEngine.GroupCount)
            .Select(i => rate * (1 + i / ILinearEngine.GroupCount / (double)models))];
        _losses = new double[models];
    }

    /// <summary>Trains for a time, from where the run before left off.</summary>
    /// <param name="time">The time.</param>
    /// <param name="ofProcessor">
    /// Whether it is what the processor worked for this process: what else a machine does takes less from it.
    /// </param>
    /// <returns>The rows a second.</returns>
    public double RowsPerSecond(TimeSpan time, bool ofProcessor = false)
    {
        var rows = 0L;
        var (started, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        while (true)
        {
            rows += Train(StepsBetweenLooks);
            var elapsed = ofProcessor ? Environment.CpuUsage.TotalTime - before : Stopwatch.GetElapsedTime(started);
            if (elapsed >= time) return rows / elapsed.TotalSeconds;
        }
    }

    /// <summary>Trains whole epochs.</summary>
    public void TrainEpochs(int epochs)
    {
        for (var end = _epoch + epochs; _epoch < end;) Train(int.MaxValue);
    }

    /// <summary>Trains what is left of a window: in the first, an engine may make what it keeps for all others.</summary>
    public void TrainWindow() => Train(int.MaxValue);

    /// <summary>The model as it is now.</summary>
    public LinearWeights Weights => _engine.GetWeights(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _windows.Dispose();
        _engine.Dispose();
    }

    /// <summary>Takes some steps, but not past the end of the window; returns the rows.</summary>
    private int Train(int steps)
    {
        if (_start >= _end) LoadWindow();
        var first = _start;
        for (; steps > 0 && _start < _end; steps--, _start += _batchSize)
        {
            _engine.Step(_start, Math.Min(_batchSize, _end - _start), _rates, []);
            if (!(_engine.LastLoss(0) <= double.MaxValue))
                throw new InvalidOperationException("The training that was to be measured diverged.");
        }

        var trained = Math.Min(_start, _end) - first;
        if (_start >= _end && _nextWindow == _windows.WindowCount) EndEpoch();
        return trained;
    }

    private void LoadWindow()
    {
        var window = _windows.Load(_epoch, _nextWindow++);
        _engine.LoadWindow(window);
        (_start, _end) = (0, window.Count);
    }

    private void EndEpoch()
    {
        _engine.TakeTrainingLosses(_losses);
        (_epoch, _nextWindow) = (_epoch + 1, 0);
    }
}
