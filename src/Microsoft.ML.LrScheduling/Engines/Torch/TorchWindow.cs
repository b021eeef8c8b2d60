using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The rows of a window as tensors, and its minibatches as views of them.</summary>
internal sealed class TorchWindow : IDisposable
{
    private readonly torch.Tensor _features;
    private readonly torch.Tensor? _weights;
    private readonly torch.Tensor _ones;
    private readonly float[] _labels;

    public TorchWindow(LinearProblem problem)
    {
        var (rows, width, batchSize) = (problem.WindowRows, problem.Rows.FeatureCount, problem.BatchSize);
        if ((long)rows * width > int.MaxValue / sizeof(float))
            throw Argument.OutOfRange("BatchSize", $"at most {int.MaxValue / sizeof(float) / width} with {width} features", batchSize);
        _features = Tensors.Zeros(rows, width);
        _weights = problem.Rows.HasWeights ? Tensors.Zeros(rows) : null;
        _ones = Tensors.Ones(1, Math.Min(batchSize, rows));
        _labels = new float[rows];
        Features = new MinibatchViews((start, count) => _features.narrow(0, start, count), rows, batchSize);
        TransposedFeatures = new MinibatchViews((start, count) => Features[start, count].t(), rows, batchSize);
        BatchWeights = _weights is null ? null : new MinibatchViews((start, count) => _weights.narrow(0, start, count), rows, batchSize);
        Ones = new MinibatchViews((_, count) => _ones.narrow(1, 0, count), rows, batchSize);
    }

    /// <summary>The labels of the rows.</summary>
    public ReadOnlySpan<float> Labels => _labels.AsSpan(0, RowCount);

    /// <summary>The weights of the rows; empty where they have none.</summary>
    public ReadOnlySpan<float> Weights => _weights is null ? [] : _weights.Floats()[..RowCount];

    /// <summary>The rows that were loaded.</summary>
    public int RowCount { get; private set; }

    /// <summary>The features of a minibatch, [rows, features].</summary>
    public MinibatchViews Features { get; }

    /// <summary>The features of a minibatch, [features, rows].</summary>
    public MinibatchViews TransposedFeatures { get; }

    /// <summary>The weights of a minibatch, [rows]; null where rows have none.</summary>
    public MinibatchViews? BatchWeights { get; }

    /// <summary>[1, rows], all 1: a product with it is a sum that needs no new tensor.</summary>
    public MinibatchViews Ones { get; }

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

    public void Dispose()
    {
        foreach (var disposable in (ReadOnlySpan<IDisposable?>)[TransposedFeatures, Features, BatchWeights, Ones, _features, _weights, _ones])
            disposable?.Dispose();
    }
}
