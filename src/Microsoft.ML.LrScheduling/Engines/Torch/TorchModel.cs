using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>One linear model of a <see cref="TorchEngine"/>: its parameters, gradients, residuals and optimizer.</summary>
internal sealed class TorchModel : IDisposable
{
    private readonly LinearProblem _problem;
    private readonly TorchWindow _window;
    private readonly Linear _linear;
    private readonly torch.optim.Optimizer _optimizer;
    private readonly torch.optim.ILearningRateController[] _groups;

    // Aliases without a graph of the module's parameters and of their gradients, shaped as vectors.
    private readonly torch.Tensor _weights;
    private readonly torch.Tensor _bias;
    private readonly torch.Tensor _weightGradient;
    private readonly torch.Tensor _biasGradient;
    private readonly torch.Tensor _weightGradientVector;

    // score − label of each row of the window: before a minibatch's step −label, after it the error that the step met.
    private readonly torch.Tensor _residuals;
    private readonly MinibatchViews _batchResiduals;
    private readonly torch.Tensor? _weightedResiduals;
    private readonly MinibatchViews? _batchWeightedResiduals;
    // The alpha of add_, which would otherwise make a native number at each call and leave it to the finaliser.
    private readonly Scalar _one = 1f;
    private int _steppedRows;
    private double _lossSum;
    private long _lossRows;

    public TorchModel(LinearProblem problem, TorchWindow window)
    {
        (_problem, _window) = (problem, window);
        if (problem.Loss is not SquaredLoss) throw new NotSupportedException($"The Torch engine has no gradient for {problem.Loss}.");
        var width = problem.Rows.FeatureCount;
        _linear = torch.nn.Linear(width, 1, hasBias: true, torch.CPU, torch.float32);
        // Linear.weight and .bias may make a new object at each reading; those that parameters() gives belong to the module.
        var parameters = _linear.parameters().ToArray();
        using (var weight = parameters[ILinearEngine.WeightGroup].detach())
        using (var bias = parameters[ILinearEngine.BiasGroup].detach())
        {
            _weights = weight.view(width);
            _bias = bias.view(1);
        }

        _weights.Floats().Clear();
        _bias.Floats().Clear();
        _weightGradient = Tensors.Zeros(1, width);
        _weightGradientVector = _weightGradient.view(width);
        _biasGradient = Tensors.Zeros(1);
        parameters[ILinearEngine.WeightGroup].grad = _weightGradient;
        parameters[ILinearEngine.BiasGroup].grad = _biasGradient;
        _optimizer = CreateOptimizer(problem, parameters);
        _groups = [.. _optimizer.ParamGroups];

        var (rows, batchSize) = (problem.WindowRows, problem.BatchSize);
        _residuals = Tensors.Zeros(rows);
        _batchResiduals = new MinibatchViews((start, count) => _residuals.narrow(0, start, count), rows, batchSize);
        if (!problem.Rows.HasWeights) return;
        _weightedResiduals = Tensors.Zeros(Math.Min(batchSize, rows));
        _batchWeightedResiduals = new MinibatchViews((_, count) => _weightedResiduals.narrow(0, 0, count), rows, batchSize);
    }

    /// <summary>The weights, [features], and the bias, [1], in place.</summary>
    public (torch.Tensor Weights, torch.Tensor Bias) Parameters => (_weights, _bias);

    /// <summary>Begins with the rows that the window now holds.</summary>
    public void BeginWindow()
    {
        var residuals = _residuals.Floats();
        var labels = _window.Labels;
        for (var i = 0; i < labels.Length; i++) residuals[i] = -labels[i];
        _steppedRows = 0;
    }

    /// <summary>
    /// One step of the optimizer: residual = X·w + b − y, gradient = (2 / rows) · Xᵀ·residual, each residual times the weight of its row.
    /// </summary>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        var residual = _batchResiduals[start, count].addmv_(_window.Features[start, count], _weights).add_(_bias, _one);
        if (_window.BatchWeights is { } weights)
            residual = _batchWeightedResiduals![start, count].copy_(residual).mul_(weights[start, count]);
        var scale = 2f / count;
        _weightGradientVector.addmv_(_window.TransposedFeatures[start, count], residual, beta: 0, alpha: scale);
        _biasGradient.addmv_(_window.Ones[start, count], residual, beta: 0, alpha: scale);
        for (var group = 0; group < _groups.Length; group++)
        {
            // libtorch takes no more than a float holds.
            _groups[group].LearningRate = Math.Min(learningRates[group], float.MaxValue);
            if (!momenta.IsEmpty) ((torch.optim.IMomentum)_groups[group]).Momentum = momenta[group];
        }

        _optimizer.step();
        _steppedRows = start + count;
    }

    /// <summary>Adds up the losses of the rows stepped on in this window.</summary>
    public void AddLosses()
    {
        var residuals = _residuals.Floats()[.._steppedRows];
        var weights = _window.Weights;
        for (var i = 0; i < residuals.Length; i++)
            _lossSum += (weights.IsEmpty ? 1f : weights[i]) * _problem.Loss.Value(residuals[i], 0);
        _lossRows += _steppedRows;
        _steppedRows = 0;
    }

    /// <summary>The mean loss since the last call; then starts anew.</summary>
    public double TakeMeanLoss()
    {
        AddLosses();
        var mean = _lossSum / _lossRows;
        (_lossSum, _lossRows) = (0, 0);
        return mean;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _linear.Dispose();
        _one.Dispose();
        foreach (var disposable in (ReadOnlySpan<IDisposable?>)[
            _weights, _bias, _weightGradientVector, _weightGradient, _biasGradient, _batchResiduals, _residuals, _batchWeightedResiduals, _weightedResiduals])
            disposable?.Dispose();
    }

    private static torch.optim.Optimizer CreateOptimizer(LinearProblem problem, Parameter[] parameters) => problem.Optimizer switch
    {
        // The penalty's gradient is λ · weights, which is what torch.optim calls weight decay.
        Sgd sgd => torch.optim.SGD(
            [
                new SGD.ParamGroup([parameters[ILinearEngine.WeightGroup]], momentum: sgd.Momentum, weight_decay: problem.L2Regularization),
                new SGD.ParamGroup([parameters[ILinearEngine.BiasGroup]], momentum: sgd.Momentum),
            ],
            learningRate: 1e-3,
            momentum: sgd.Momentum),
        var other => throw new NotSupportedException($"The Torch engine has no optimizer for {other}."),
    };
}
