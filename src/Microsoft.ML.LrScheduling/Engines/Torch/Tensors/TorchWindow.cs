using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The rows of a window: dense ones as a tensor, sparse ones as tensors of their values; minibatches are views of them.</summary>
internal sealed class TorchWindow : IDisposable
{
    private readonly TrainingSet _set;
    private readonly TorchPlace _place;
    private readonly int _batchSize;
    private readonly TensorBuffer? _features;
    private RowWindow? _window;

    // Of sparse rows where the values of each begin, the values, and the row and the feature of each.
    private readonly int[] _starts = [];
    private readonly IndexBuffer? _rowsOfValues;
    private readonly IndexBuffer? _featuresOfValues;
    private TensorBuffer? _values;

    public TorchWindow(LinearProblem problem, TorchPlace place)
    {
        (_set, _place, _batchSize) = (problem.Rows, place, problem.BatchSize);
        var (rows, width, batchSize) = (problem.WindowRows, _set.FeatureCount, problem.BatchSize);
        if (_set.IsSparse)
        {
            _starts = new int[rows + 1];
            (_rowsOfValues, _featuresOfValues) = (new IndexBuffer(place), new IndexBuffer(place));
            return;
        }

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

    /// <summary>The rows themselves.</summary>
    public RowWindow Rows => _window!;

    /// <summary>The values of the sparse rows of a minibatch; to be disposed of.</summary>
    public torch.Tensor ValuesOf(int start, int count) =>
        _values!.Tensor.narrow(0, _starts[start], _starts[start + count] - _starts[start]);

    /// <summary>The row of each of these values, the first of the minibatch being 0; to be disposed of.</summary>
    public torch.Tensor RowsOfValues(int start, int count) => _rowsOfValues!.View(_starts[start], _starts[start + count] - _starts[start]);

    /// <summary>The feature of each of these values; to be disposed of.</summary>
    public torch.Tensor FeaturesOfValues(int start, int count) =>
        _featuresOfValues!.View(_starts[start], _starts[start + count] - _starts[start]);

    /// <summary>Takes rows of the training set.</summary>
    public void Load(RowWindow window)
    {
        _window = window;
        if (_features is null)
        {
            LoadSparse(window);
            return;
        }

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
        _values?.Dispose();
        _rowsOfValues?.Dispose();
        _featuresOfValues?.Dispose();
    }

    private void LoadSparse(RowWindow window)
    {
        for (var position = 0; position < window.Count; position++) _starts[position + 1] = _starts[position] + window.EntryCount(position);
        var count = _starts[window.Count];
        if (_values is null || _values.Elements.Length < count)
        {
            _values?.Dispose();
            _values = new TensorBuffer(Tensors.Zeros(_place, Math.Max(1, count + count / 2)), _place);
        }

        var values = _values.Elements;
        var rows = _rowsOfValues!.Elements(count);
        var features = _featuresOfValues!.Elements(count);
        for (var position = 0; position < window.Count; position++)
        {
            var entries = window.Entries(position);
            var start = _starts[position];
            entries.Values.CopyTo(values[start..]);
            rows.Slice(start, entries.Indices.Length).Fill(position % _batchSize);
            for (var i = 0; i < entries.Indices.Length; i++) features[start + i] = entries.Indices[i];
        }

        _values.ToDevice();
        _rowsOfValues.ToDevice();
        _featuresOfValues.ToDevice();
    }
}
