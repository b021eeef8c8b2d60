using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>One linear model of a <see cref="TorchEngine"/>: its weights, gradients and optimizer.</summary>
internal sealed class TorchModel : IDisposable
{
    private readonly LinearProblem _problem;
    private readonly ModelSettings _own;
    private readonly TorchWindow _window;
    private readonly int _outputs;
    private readonly TorchUpdate[] _groups;
    private readonly TensorBuffer _weights;
    private readonly TensorBuffer _bias;
    private readonly TensorBuffer _weightGradient;
    private readonly TensorBuffer _biasGradient;
    private readonly TorchProducts? _products;
    private readonly float[] _sparseScores = [];
    private double _lossSum;
    private long _lossRows;

    public TorchModel(LinearProblem problem, ModelSettings own, TorchWindow window, TorchPlace place)
    {
        (_problem, _own, _window, _outputs) = (problem, own, window, problem.OutputCount);
        var width = problem.Rows.FeatureCount;
        _weights = new TensorBuffer(Tensors.Zeros(place, _outputs, width), place);
        _bias = new TensorBuffer(Tensors.Zeros(place, _outputs), place);
        problem.Initial?.Weights.CopyTo(_weights.Elements);
        problem.Initial?.Biases.CopyTo(_bias.Elements);
        _weights.ToDevice();
        _bias.ToDevice();
        _weightGradient = new TensorBuffer(Tensors.Zeros(place, _outputs, width), place);
        _biasGradient = new TensorBuffer(Tensors.Zeros(place, _outputs), place);
        _groups =
        [
            TorchUpdate.Of(own.Optimizer, place, _weights.Tensor, _weightGradient.Tensor, own.L2Regularization, decays: true),
            TorchUpdate.Of(own.Optimizer, place, _bias.Tensor, _biasGradient.Tensor, l2: 0, decays: false),
        ];

        if (problem.Rows.IsSparse) _sparseScores = new float[Math.Min(problem.BatchSize, problem.WindowRows) * _outputs];
        else _products = new TorchProducts(problem, window, place, _weights.Tensor, _weightGradient.Tensor);
    }

    /// <summary>
    /// One step of the optimizer: scores = X·Wᵀ + b, from them the slopes of the loss, gradient = (1 / rows) · slopesᵀ·X.
    /// </summary>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        var scores = _products is null ? SparseScores(start, count) : _products.Scores(start, count);
        AddBiases(scores);
        var loss = _problem.Loss.ToGradients(scores, _outputs, _window.Labels(start, count), _window.Weights(start, count));
        LastLoss = loss / count;
        _lossSum += loss;
        _lossRows += count;
        BiasGradient(scores, count);
        if (_products is null) SparseGradient(start, count, scores);
        else _products.Gradient(start, count);
        if (_own.Clipping is { } clipping) Clip(clipping);
        _biasGradient.ToDevice();
        for (var group = 0; group < _groups.Length; group++)
            _groups[group].Step(learningRates[group], momenta.IsEmpty ? null : momenta[group]);
        _weights.ToHost();
        _bias.ToHost();
        if (_own.L1Regularization == 0) return;
        Proximal.Shrink(_weights.Elements, (float)(learningRates[ILinearEngine.WeightGroup] * _own.L1Regularization));
        _weights.ToDevice();
    }

    /// <summary>The mean loss of the last minibatch, with the weights it met.</summary>
    public double LastLoss { get; private set; }

    /// <summary>The mean loss since the last call; then starts anew.</summary>
    public double TakeMeanLoss()
    {
        var mean = _lossSum / _lossRows;
        (_lossSum, _lossRows) = (0, 0);
        return mean;
    }

    /// <summary>A copy of the weights.</summary>
    public LinearWeights GetWeights() => new(_weights.Elements.ToArray(), _bias.Elements.ToArray());

    /// <summary>Writes weights, optimizer and losses.</summary>
    public void Save(BinaryWriter writer)
    {
        GetWeights().Save(writer);
        writer.Write(_lossSum);
        writer.Write(_lossRows);
        writer.Write(LastLoss);
        foreach (var group in _groups) group.Save(writer);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        LinearWeights.Load(reader, _weights.Elements, _bias.Elements);
        _weights.ToDevice();
        _bias.ToDevice();
        (_lossSum, _lossRows, LastLoss) = (reader.ReadDouble(), reader.ReadInt64(), reader.ReadDouble());
        foreach (var group in _groups) group.Load(reader);
    }

    public void Dispose()
    {
        foreach (var group in _groups) group.Dispose();
        _products?.Dispose();
        foreach (var buffer in new[] { _weights, _bias, _weightGradient, _biasGradient }) buffer.Dispose();
    }

    private Span<float> SparseScores(int start, int count)
    {
        var scores = _sparseScores.AsSpan(0, count * _outputs);
        var weights = _weights.Elements;
        var width = _problem.Rows.FeatureCount;
        for (var row = 0; row < count; row++)
        {
            var entries = _window.Entries(start + row);
            for (var output = 0; output < _outputs; output++)
                scores[row * _outputs + output] = entries.Dot(weights.Slice(output * width, width));
        }

        return scores;
    }

    private void SparseGradient(int start, int count, ReadOnlySpan<float> slopes)
    {
        var gradient = _weightGradient.Elements;
        var width = _problem.Rows.FeatureCount;
        gradient.Clear();
        for (var row = 0; row < count; row++)
        {
            var entries = _window.Entries(start + row);
            for (var output = 0; output < _outputs; output++)
                entries.AddTo(gradient.Slice(output * width, width), slopes[row * _outputs + output] / count);
        }

        _weightGradient.ToDevice();
    }

    private void Clip(GradientClipping clipping)
    {
        _weightGradient.ToHost();
        Gradients.Clip(_weightGradient.Elements, _biasGradient.Elements, clipping);
        _weightGradient.ToDevice();
    }

    private void AddBiases(Span<float> scores)
    {
        var biases = _bias.Elements;
        for (var first = 0; first < scores.Length; first += biases.Length)
            for (var output = 0; output < biases.Length; output++)
                scores[first + output] += biases[output];
    }

    private void BiasGradient(ReadOnlySpan<float> slopes, int count)
    {
        var gradient = _biasGradient.Elements;
        gradient.Clear();
        for (var first = 0; first < slopes.Length; first += gradient.Length)
            for (var output = 0; output < gradient.Length; output++)
                gradient[output] += slopes[first + output];
        foreach (ref var slope in gradient) slope /= count;
    }
}
