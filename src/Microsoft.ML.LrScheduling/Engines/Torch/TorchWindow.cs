using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The rows of a window as tensors, and its minibatches as views of them.</summary>
internal sealed class TorchWindow : IDisposable
{
    private readonly int _batchSize;
    private readonly torch.Tensor _features;
    private readonly torch.Tensor? _weights;
    private readonly torch.Tensor _ones;
    private readonly float[] _labels;
    private readonly TorchMinibatch?[] _minibatches;

    public TorchWindow(LinearProblem problem)
    {
        var (rows, width) = (problem.WindowRows, problem.Rows.FeatureCount);
        if ((long)rows * width > int.MaxValue / sizeof(float))
            throw Argument.OutOfRange("BatchSize", $"at most {int.MaxValue / sizeof(float) / width} with {width} features", problem.BatchSize);
        _batchSize = problem.BatchSize;
        _features = torch.zeros(rows, width);
        _weights = problem.Rows.HasWeights ? torch.zeros(rows) : null;
        _ones = torch.ones(1, Math.Min(_batchSize, rows));
        _labels = new float[rows];
        _minibatches = new TorchMinibatch?[(rows - 1) / _batchSize + 1];
    }

    /// <summary>The labels of the rows.</summary>
    public ReadOnlySpan<float> Labels => _labels.AsSpan(0, RowCount);

    /// <summary>The weights of the rows; empty where they have none.</summary>
    public ReadOnlySpan<float> Weights => _weights is null ? [] : _weights.Floats()[..RowCount];

    /// <summary>The rows that were loaded.</summary>
    public int RowCount { get; private set; }

    /// <summary>Copies rows of a set into the tensors.</summary>
    public void Load(TrainingSet set, ReadOnlySpan<int> rows)
    {
        RowCount = rows.Length;
        set.GatherFeatures(rows, _features.Floats());
        for (var i = 0; i < rows.Length; i++) _labels[i] = set.Label(rows[i]);
        if (_weights is null) return;
        var weights = _weights.Floats();
        for (var i = 0; i < rows.Length; i++) weights[i] = set.Weight(rows[i]);
    }

    /// <summary>The views of a minibatch; made when it is first asked for, and again when its length changes.</summary>
    public TorchMinibatch Minibatch(int start, int count)
    {
        var index = start / _batchSize;
        if (_minibatches[index] is { } known && known.Count == count) return known;
        _minibatches[index]?.Dispose();
        return _minibatches[index] = new TorchMinibatch(index, start, count, _features, _weights, _ones);
    }

    public void Dispose()
    {
        foreach (var minibatch in _minibatches) minibatch?.Dispose();
        _ones.Dispose();
        _weights?.Dispose();
        _features.Dispose();
    }
}
