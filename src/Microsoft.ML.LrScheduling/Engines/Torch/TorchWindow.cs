using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The rows of a window: dense ones as a tensor, whose minibatches are views of it.</summary>
internal sealed class TorchWindow : IDisposable
{
    private readonly TrainingSet _set;
    private readonly TensorBuffer? _features;
    private readonly int[] _rows;
    private readonly float[] _labels;
    private readonly float[] _weights;

    public TorchWindow(LinearProblem problem, TorchPlace place)
    {
        _set = problem.Rows;
        var (rows, width, batchSize) = (problem.WindowRows, _set.FeatureCount, problem.BatchSize);
        (_rows, _labels, _weights) = (new int[rows], new float[rows], new float[_set.HasWeights ? rows : 0]);
        if (_set.IsSparse) return;
        if ((long)rows * width > int.MaxValue / sizeof(float))
            throw Argument.OutOfRange("BatchSize", $"at most {int.MaxValue / sizeof(float) / width} with {width} features", batchSize);
        _features = new TensorBuffer(Tensors.Zeros(place, rows, width), place);
        var features = _features.Tensor;
        Features = new MinibatchViews((start, count) => features.narrow(0, start, count), rows, batchSize);
        TransposedFeatures = new MinibatchViews((start, count) => Features[start, count].t(), rows, batchSize);
    }

    /// <summary>The features of a minibatch, [rows, features]; null where rows are sparse.</summary>
    public MinibatchViews? Features { get; }

    /// <summary>The features of a minibatch, [features, rows]; null where rows are sparse.</summary>
    public MinibatchViews? TransposedFeatures { get; }

    /// <summary>The labels of a minibatch.</summary>
    public ReadOnlySpan<float> Labels(int start, int count) => _labels.AsSpan(start, count);

    /// <summary>The weights of the rows of a minibatch; empty where they have none.</summary>
    public ReadOnlySpan<float> Weights(int start, int count) => _set.HasWeights ? _weights.AsSpan(start, count) : [];

    /// <summary>The features of a row of the window, where rows are sparse.</summary>
    public SparseRow Entries(int row) => _set.Entries(_rows[row]);

    /// <summary>Takes rows of the training set.</summary>
    public void Load(ReadOnlySpan<int> rows)
    {
        rows.CopyTo(_rows);
        if (_features is not null)
        {
            _set.GatherFeatures(rows, _features.Elements);
            _features.ToDevice();
        }

        for (var i = 0; i < rows.Length; i++) _labels[i] = _set.Label(rows[i]);
        if (!_set.HasWeights) return;
        for (var i = 0; i < rows.Length; i++) _weights[i] = _set.Weight(rows[i]);
    }

    public void Dispose()
    {
        TransposedFeatures?.Dispose();
        Features?.Dispose();
        _features?.Dispose();
    }
}
