using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The two products of a step on sparse rows. For the scores, the weight of each value is selected and multiplied by the value, and the
/// products are added up by row. For the gradient, the slope of each value's row is selected and multiplied by the value, and the products
/// are added up by feature.
/// </summary>
internal sealed class SparseTorchProducts : IDisposable
{
    private readonly TorchWindow _window;
    private readonly int _outputs;
    private readonly TensorBuffer _scores;
    private readonly HeldScalar _one = new();
    private readonly HeldScalar _factor = new();

    /// <param name="problem">The problem.</param>
    /// <param name="window">The rows.</param>
    /// <param name="place">The device of the tensors.</param>
    public SparseTorchProducts(LinearProblem problem, TorchWindow window, TorchPlace place)
    {
        (_window, _outputs) = (window, problem.OutputCount);
        var rows = Math.Min(problem.BatchSize, problem.WindowRows);
        _scores = new TensorBuffer(_outputs == 1 ? Tensors.Zeros(place, rows) : Tensors.Zeros(place, rows, _outputs), place);
    }

    /// <summary>
    /// Computes the products of the rows of a minibatch and the weights, row-major. The caller overwrites them with the slopes.
    /// </summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="weights">The weights: [features], or [features, outputs] if there are several outputs.</param>
    /// <param name="features">The feature of each value.</param>
    public Span<float> Scores(int start, int count, torch.Tensor weights, torch.Tensor features)
    {
        using var rows = _window.RowsOfValues(start, count);
        using var values = Values(start, count);
        using var products = weights.index_select(0, features);
        products.mul_(values);
        _scores.Tensor.zero_();
        _scores.Tensor.index_add_(0, rows, products, _one.Of(1));
        _scores.ToHost();
        return _scores.Elements[..(count * _outputs)];
    }

    /// <summary>Adds the products of the slopes, which have replaced the scores, and the rows to sums.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="sums">The sums, in the shape of the weights.</param>
    /// <param name="features">The feature of each value.</param>
    /// <param name="factor">The factor of the products.</param>
    public void AddTo(int start, int count, torch.Tensor sums, torch.Tensor features, double factor)
    {
        _scores.ToDevice();
        using var rows = _window.RowsOfValues(start, count);
        using var values = Values(start, count);
        using var products = _scores.Tensor.index_select(0, rows);
        products.mul_(values);
        sums.index_add_(0, features, products, _factor.Of(factor));
    }

    public void Dispose()
    {
        _scores.Dispose();
        _one.Dispose();
        _factor.Dispose();
    }

    private torch.Tensor Values(int start, int count)
    {
        var values = _window.ValuesOf(start, count);
        if (_outputs == 1) return values;
        using (values) return values.unsqueeze(1);
    }
}
