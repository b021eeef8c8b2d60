using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The rows of a window as tensors: the features of dense rows, or the values of sparse rows. Minibatches are views of them.
/// </summary>
internal sealed class TorchWindow : IDisposable
{
    private readonly TrainingSet _set;
    private readonly TorchPlace _place;
    private readonly int _batchSize;
    private readonly TensorBuffer? _features;
    private RowWindow? _window;

    // For sparse rows: the index of the first value of each row, the values, and the row and feature of each value.
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

    /// <summary>The features of a minibatch, [rows, features]; null if the rows are sparse.</summary>
    public MinibatchViews? Features { get; }

    /// <summary>The features of a minibatch, [features, rows]; null if the rows are sparse.</summary>
    public MinibatchViews? TransposedFeatures { get; }

    /// <summary>Returns the labels of a minibatch.</summary>
    public ReadOnlySpan<float> Labels(int start, int count) => _window!.Labels(start, count);

    /// <summary>Returns the example weights of a minibatch; empty if the rows have none.</summary>
    public ReadOnlySpan<float> Weights(int start, int count) => _window!.Weights(start, count);

    /// <summary>The current window.</summary>
    public RowWindow Rows => _window!;

    /// <summary>Returns the values of the sparse rows of a minibatch. The caller disposes the tensor.</summary>
    public torch.Tensor ValuesOf(int start, int count) =>
        _values!.Tensor.narrow(0, _starts[start], _starts[start + count] - _starts[start]);

    /// <summary>
    /// Returns the row of each of these values, from 0 for the first row of the minibatch. The caller disposes the tensor.
    /// </summary>
    public torch.Tensor RowsOfValues(int start, int count) => _rowsOfValues!.View(_starts[start], _starts[start + count] - _starts[start]);

    /// <summary>Returns the feature of each of these values. The caller disposes the tensor.</summary>
    public torch.Tensor FeaturesOfValues(int start, int count) =>
        _featuresOfValues!.View(_starts[start], _starts[start + count] - _starts[start]);

    /// <summary>Copies the rows of a window to the tensors.</summary>
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
