using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The two products of a step on dense rows, X·Wᵀ and slopesᵀ·X, computed in place. With one output they are matrix-vector products, which
/// are faster.
/// </summary>
internal sealed class TorchProducts : IDisposable
{
    private readonly TorchWindow _window;
    private readonly int _outputs;
    private readonly TensorBuffer _scores;
    private readonly MinibatchViews _batchScores;
    private readonly MinibatchViews? _transposedScores;

    // The shapes are [features] for both with one output; with several outputs [features, outputs] and [outputs, features].
    private readonly torch.Tensor _weights;
    private readonly torch.Tensor _gradient;

    /// <param name="problem">The problem.</param>
    /// <param name="window">The rows.</param>
    /// <param name="place">The device of the tensors.</param>
    /// <param name="weights">The weights, [outputs, features].</param>
    /// <param name="gradient">The gradient, in the same shape.</param>
    public TorchProducts(LinearProblem problem, TorchWindow window, TorchPlace place, torch.Tensor weights, torch.Tensor gradient)
    {
        (_window, _outputs) = (window, problem.OutputCount);
        var (rows, batchSize, width) = (problem.WindowRows, problem.BatchSize, problem.Rows.FeatureCount);
        var batchRows = Math.Min(batchSize, rows);
        _scores = new TensorBuffer(_outputs == 1 ? Tensors.Zeros(place, batchRows) : Tensors.Zeros(place, batchRows, _outputs), place);
        _batchScores = new MinibatchViews((_, count) => _scores.Tensor.narrow(0, 0, count), rows, batchSize);
        _transposedScores = _outputs == 1 ? null : new MinibatchViews((start, count) => _batchScores[start, count].t(), rows, batchSize);
        (_weights, _gradient) = _outputs == 1 ? (weights.view(width), gradient.view(width)) : (weights.t(), gradient.view(_outputs, width));
    }

    /// <summary>
    /// Computes the products of the rows of a minibatch and the weights, row-major. The caller overwrites them with the slopes.
    /// </summary>
    public Span<float> Scores(int start, int count)
    {
        var (scores, features) = (_batchScores[start, count], _window.Features![start, count]);
        if (_outputs == 1) scores.addmv_(features, _weights, beta: 0);
        else scores.addmm_(features, _weights, beta: 0);
        _scores.ToHost();
        return _scores.Elements[..(count * _outputs)];
    }

    /// <summary>Computes the gradient from the slopes, which have replaced the scores.</summary>
    public void Gradient(int start, int count)
    {
        _scores.ToDevice();
        if (_outputs == 1)
            _gradient.addmv_(_window.TransposedFeatures![start, count], _batchScores[start, count], beta: 0, alpha: 1f / count);
        else _gradient.addmm_(_transposedScores![start, count], _window.Features![start, count], beta: 0, alpha: 1f / count);
    }

    public void Dispose()
    {
        _transposedScores?.Dispose();
        _batchScores.Dispose();
        _scores.Dispose();
        _weights.Dispose();
        _gradient.Dispose();
    }
}
