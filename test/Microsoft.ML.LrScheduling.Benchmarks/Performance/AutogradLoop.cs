using static TorchSharp.torch;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// Training with TorchSharp as a tutorial writes it: a linear module, a loss, a backward pass and an optimizer, over slices of one
/// tensor, without shuffling.
/// </summary>
internal sealed class AutogradLoop : IDisposable
{
    private readonly int _rows;
    private readonly int _batchSize;
    private readonly Tensor _features;
    private readonly Tensor _labels;
    private readonly TorchSharp.Modules.Linear _model;
    private readonly TorchSharp.Modules.MSELoss _loss = nn.MSELoss();
    private readonly optim.Optimizer _optimizer;
    private int _start;

    public AutogradLoop(int rows, int features, int batchSize)
    {
        (_rows, _batchSize) = (rows, batchSize);
        _features = rand(rows, features);
        _labels = rand(rows, 1);
        _model = nn.Linear(features, 1);
        _optimizer = optim.SGD(_model.parameters(), learningRate: 1e-4);
    }

    /// <summary>Trains for a time, from where the run before left off.</summary>
    /// <returns>The rows a second.</returns>
    public double RowsPerSecond(Measurement measurement) => measurement.Rate(Step) * _batchSize;

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _loss.Dispose();
        _labels.Dispose();
        _features.Dispose();
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        if (_start + _batchSize > _rows) _start = 0;
        var loss = _loss.call(_model.call(_features.narrow(0, _start, _batchSize)), _labels.narrow(0, _start, _batchSize));
        _optimizer.zero_grad();
        loss.backward();
        _optimizer.step();
        _start += _batchSize;
    }
}
