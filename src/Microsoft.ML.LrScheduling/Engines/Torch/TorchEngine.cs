using Microsoft.ML.LrScheduling.Data;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// Trains linear models with TorchSharp: an <c>nn.Linear</c> and a <c>torch.optim</c> optimizer each. What makes it faster than a tutorial's
/// loop: minibatches are views, made once, of one tensor; the gradient is written out instead of traced; all operations are in place.
/// </summary>
internal sealed class TorchEngine : ILinearEngine
{
    private readonly LinearProblem _problem;
    private readonly TorchWindow _window;
    private readonly TorchModel[] _models;

    /// <summary>Sets up the models, their weights at zero.</summary>
    /// <exception cref="InvalidOperationException">libtorch is not there: the message says what to install.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A window is more than a tensor's bytes can span.</exception>
    public TorchEngine(LinearProblem problem)
    {
        TorchRuntime.Check();
        _problem = problem;
        _window = new TorchWindow(problem);
        _models = new TorchModel[problem.ModelCount];
        for (var model = 0; model < _models.Length; model++) _models[model] = new TorchModel(problem, _window);
    }

    /// <inheritdoc/>
    public int ModelCount => _models.Length;

    /// <inheritdoc/>
    public void LoadWindow(ReadOnlySpan<int> rows)
    {
        foreach (var model in _models) model.AddLosses();
        _window.Load(_problem.Rows, rows);
        foreach (var model in _models) model.BeginWindow();
    }

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates)
    {
        var minibatch = _window.Minibatch(start, count);
        for (var model = 0; model < _models.Length; model++)
            _models[model].Step(minibatch, learningRates.Slice(model * ILinearEngine.GroupCount, ILinearEngine.GroupCount));
    }

    /// <inheritdoc/>
    public void TakeTrainingLosses(Span<double> losses)
    {
        for (var model = 0; model < _models.Length; model++) losses[model] = _models[model].TakeMeanLoss();
    }

    /// <inheritdoc/>
    public void Score(TrainingSet set, int model, Span<float> scores)
    {
        var (rows, width) = (_problem.WindowRows, set.FeatureCount);
        var (weights, bias) = _models[model].Parameters;
        var chunk = new int[Math.Min(rows, set.RowCount)];
        using var features = torch.zeros(chunk.Length, width);
        using var output = torch.zeros(chunk.Length);
        using Scalar one = 1f;
        for (var first = 0; first < set.RowCount; first += chunk.Length)
        {
            var count = Math.Min(chunk.Length, set.RowCount - first);
            for (var i = 0; i < count; i++) chunk[i] = first + i;
            set.GatherFeatures(chunk.AsSpan(0, count), features.Floats());
            output.addmv_(features, weights, beta: 0).add_(bias, one);
            output.Floats()[..count].CopyTo(scores[first..]);
        }
    }

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model)
    {
        var (weights, bias) = _models[model].Parameters;
        return new LinearWeights(weights.Floats().ToArray(), bias.Floats()[0]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _models) model.Dispose();
        _window.Dispose();
    }
}
