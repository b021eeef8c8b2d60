using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>One linear model of a <see cref="TorchEngine"/>: its parameters, gradients and optimizer.</summary>
internal sealed class TorchModel : IDisposable
{
    // libtorch takes no number that a float does not hold, also after Adam has divided the rate by 1 − beta1.
    private const double LargestRate = 1e30;

    private readonly LinearProblem _problem;
    private readonly ModelSettings _own;
    private readonly TorchWindow _window;
    private readonly int _outputs;
    private readonly Linear _linear;
    private readonly torch.optim.Optimizer _optimizer;
    private readonly torch.optim.ILearningRateController[] _groups;
    private readonly double _addedPenalty;

    // Aliases without a graph of the module's parameters; and their gradients.
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
        _linear = torch.nn.Linear(width, _outputs, hasBias: true, place.Device, torch.float32);
        // Linear.weight and .bias may make a new object at each reading; those that parameters() gives belong to the module.
        var parameters = _linear.parameters().ToArray();
        _weights = new TensorBuffer(parameters[ILinearEngine.WeightGroup].detach(), place);
        _bias = new TensorBuffer(parameters[ILinearEngine.BiasGroup].detach(), place);
        _weights.Elements.Clear();
        _bias.Elements.Clear();
        problem.Initial?.Weights.CopyTo(_weights.Elements);
        problem.Initial?.Biases.CopyTo(_bias.Elements);
        _weights.ToDevice();
        _bias.ToDevice();
        _weightGradient = new TensorBuffer(Tensors.Zeros(place, _outputs, width), place);
        _biasGradient = new TensorBuffer(Tensors.Zeros(place, _outputs), place);
        parameters[ILinearEngine.WeightGroup].grad = _weightGradient.Tensor;
        parameters[ILinearEngine.BiasGroup].grad = _biasGradient.Tensor;

        // AdamW's weight decay is no part of the gradient, so the penalty has to be added to it.
        _addedPenalty = own.Optimizer is Optimizers.AdamW ? own.L2Regularization : 0;
        _optimizer = TorchOptimizers.Create(
            own.Optimizer, parameters[ILinearEngine.WeightGroup], parameters[ILinearEngine.BiasGroup], own.L2Regularization - _addedPenalty);
        _groups = [.. _optimizer.ParamGroups];

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
        if (_addedPenalty > 0) AddPenalty();

        for (var group = 0; group < _groups.Length; group++)
        {
            _groups[group].LearningRate = Math.Min(learningRates[group], LargestRate);
            if (!momenta.IsEmpty) TorchOptimizers.SetMomentum(_groups[group], momenta[group]);
        }

        _optimizer.step();
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
        ((OptimizerHelper)_optimizer).save_state_dict(writer);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        LinearWeights.Load(reader, _weights.Elements, _bias.Elements);
        _weights.ToDevice();
        _bias.ToDevice();
        (_lossSum, _lossRows, LastLoss) = (reader.ReadDouble(), reader.ReadInt64(), reader.ReadDouble());
        ((OptimizerHelper)_optimizer).load_state_dict(reader);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _products?.Dispose();
        foreach (var buffer in new[] { _weights, _bias, _weightGradient, _biasGradient }) buffer.Dispose();
        _linear.Dispose();
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

    private void AddPenalty()
    {
        using Scalar factor = (float)_addedPenalty;
        _weightGradient.Tensor.add_(_weights.Tensor, factor);
    }
}
