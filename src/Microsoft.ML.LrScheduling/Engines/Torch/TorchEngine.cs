using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// Trains linear models with libtorch, through TorchSharp. What makes it faster than a tutorial's loop: minibatches are views, made once,
/// of one tensor; the gradient is written out instead of traced; all operations are in place.
/// </summary>
internal sealed class TorchEngine : ILinearEngine
{
    // The elements are reached as a span of bytes.
    private const int LongestTensor = int.MaxValue / sizeof(float);

    private readonly TorchWindow? _window;
    private readonly List<TorchModel> _models = [];

    /// <param name="problem">What to train.</param>
    /// <param name="place">Where the tensors are to be; null for the CPU.</param>
    /// <exception cref="InvalidOperationException">
    /// libtorch is not there; or the weights are more than a tensor's bytes can span.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A window is more than a tensor's bytes can span.</exception>
    public TorchEngine(LinearProblem problem, TorchPlace? place = null)
    {
        TorchRuntime.Check();
        CheckSize(problem.Rows.FeatureCount, problem.OutputCount);
        place ??= TorchPlace.Cpu;
        TorchThreads.UseOne();
        try
        {
            _window = new TorchWindow(problem, place);
            foreach (var own in problem.Models) _models.Add(new TorchModel(problem, own, _window, place));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Refuses models that the engine cannot hold.</summary>
    /// <param name="features">The features of a row.</param>
    /// <param name="outputs">The scores of a row.</param>
    /// <exception cref="InvalidOperationException">The weights are more than a tensor's bytes can span.</exception>
    public static void CheckSize(int features, int outputs) =>
        ModelSize.Check(features, outputs, models: 1, (long)outputs * features, LongestTensor, "Torch");

    /// <inheritdoc/>
    public int ModelCount => _models.Count;

    /// <inheritdoc/>
    public void LoadWindow(RowWindow window) => _window!.Load(window);

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        for (var model = 0; model < _models.Count; model++)
        {
            var groups = new Range(model * ILinearEngine.GroupCount, (model + 1) * ILinearEngine.GroupCount);
            _models[model].Step(start, count, learningRates[groups], momenta.IsEmpty ? [] : momenta[groups]);
        }
    }

    /// <inheritdoc/>
    public double LastLoss(int model) => _models[model].LastLoss;

    /// <inheritdoc/>
    public void TakeTrainingLosses(Span<double> losses)
    {
        for (var model = 0; model < _models.Count; model++) losses[model] = _models[model].TakeMeanLoss();
    }

    /// <inheritdoc/>
    public void Save(int model, BinaryWriter writer) => _models[model].Save(writer);

    /// <inheritdoc/>
    public void Load(int model, BinaryReader reader) => _models[model].Load(reader);

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model) => _models[model].GetWeights();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _models) model.Dispose();
        _window?.Dispose();
        TorchThreads.Restore();
    }
}
