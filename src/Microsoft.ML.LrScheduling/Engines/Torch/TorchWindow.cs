using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The rows of a window: dense ones as a tensor, whose minibatches are views of it.</summary>
internal sealed class TorchWindow : IDisposable
{
    private readonly TrainingSet _set;
    private readonly TensorBuffer? _features;
    private RowWindow? _window;

    public TorchWindow(LinearProblem problem, TorchPlace place)
    {
        _set = problem.Rows;
        var (rows, width, batchSize) = (problem.WindowRows, _set.FeatureCount, problem.BatchSize);
        if (_set.IsSparse) return;
        if ((long)rows * width > int.MaxValue / sizeof(float))
            throw Argument.OutOfRange(
                "BatchSize", $"at most {int.MaxValue / sizeof(float) / width} with {Quantity.Of(width, "feature")}", batchSize);
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
    public ReadOnlySpan<float> Labels(int start, int count) => _window!.Labels(start, count);

    /// <summary>The weights of the rows of a minibatch; empty where they have none.</summary>
    public ReadOnlySpan<float> Weights(int start, int count) => _window!.Weights(start, count);

    /// <summary>The features of a row of the window, where rows are sparse.</summary>
    public SparseRow Entries(int position) => _window!.Entries(position);

    /// <summary>Takes rows of the training set.</summary>
    public void Load(RowWindow window)
    {
        _window = window;
        if (_features is null) return;
        var elements = _features.Elements;
        var width = _set.FeatureCount;
        for (var i = 0; i < window.Count; i++)
        {
            var place = window.PlaceOf(i);
            MemoryMarshal.CreateReadOnlySpan(ref window.FirstFeature(place), width).CopyTo(elements.Slice(place * width, width));
        }

        _features.ToDevice();
    }

    public void Dispose()
    {
        TransposedFeatures?.Dispose();
        Features?.Dispose();
        _features?.Dispose();
    }
}
