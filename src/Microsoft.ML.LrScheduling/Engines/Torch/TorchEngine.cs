using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The Torch engine, which trains linear models with libtorch through TorchSharp. Three things make it faster than a simple loop:
/// minibatches are views of one tensor and are created once; the gradient is computed by its formula, not by autograd; and all operations
/// are in place.
/// </summary>
internal sealed class TorchEngine : ILinearEngine
{
    // The elements are accessed as a span of bytes, whose length is an int.
    private const int LongestTensor = int.MaxValue / sizeof(float);

    private readonly LinearProblem _problem;
    private readonly TorchPlace _place;
    private readonly TorchWindow? _window;
    private readonly List<TorchModel> _models = [];
    private bool _hasMomentum;

    /// <param name="problem">The problem to train.</param>
    /// <param name="place">The device of the tensors; null for the CPU.</param>
    /// <exception cref="InvalidOperationException">
    /// libtorch is missing; or the weights do not fit into a span of bytes.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A window does not fit into a span of bytes.</exception>
    public TorchEngine(LinearProblem problem, TorchPlace? place = null)
    {
        TorchRuntime.Check();
        CheckSize(problem.Rows.FeatureCount, problem.OutputCount);
        (_problem, _place) = (problem, place ?? TorchPlace.Cpu);
        _hasMomentum = problem.Models.Any(own => own.Optimizer.CycledMomentum is > 0);
        TorchThreads.UseOne();
        try
        {
            _window = new TorchWindow(problem, _place);
            foreach (var own in problem.Models) _models.Add(NewModel(own));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Checks that the weights fit into the engine.</summary>
    /// <param name="features">The number of features.</param>
    /// <param name="outputs">The number of scores per row.</param>
    /// <exception cref="InvalidOperationException">The weights do not fit into a span of bytes.</exception>
    public static void CheckSize(int features, int outputs) =>
        ModelSize.Check(features, outputs, models: 1, (long)outputs * features, LongestTensor, "Torch");

    /// <inheritdoc/>
    public int ModelCount => _models.Count;

    /// <inheritdoc/>
    public void LoadWindow(RowWindow window) => _window!.Load(window);

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        if (!momenta.IsEmpty && !_hasMomentum) BeginMomentum();
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
        for (var model = 0; model < _models.Count; model++)
        {
            losses[model] = _models[model].TakeMeanLoss();
            _models[model].EndEpoch();
        }
    }

    /// <inheritdoc/>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(_hasMomentum);
        _models[model].Save(writer);
    }

    /// <inheritdoc/>
    public void Load(int model, BinaryReader reader)
    {
        if (reader.ReadBoolean() && !_hasMomentum) BeginMomentum();
        _models[model].Load(reader);
    }

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model) => _models[model].GetWeights();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _models) model.Dispose();
        _window?.Dispose();
        TorchThreads.Restore();
    }

    private TorchModel NewModel(ModelSettings own) => !_problem.Rows.IsSparse ? new DenseTorchModel(_problem, own, _window!, _place)
        : !_hasMomentum && SparseSgdTorchModel.Fits(own) ? new SparseSgdTorchModel(_problem, own, _window!, _place)
        : new SparseTorchModel(_problem, own, _window!, _place, _hasMomentum);

    /// <summary>
    /// Starts to use momentum, because a schedule gives one to optimizers without their own. For sparse rows this needs additional state,
    /// so the models are created again.
    /// </summary>
    private void BeginMomentum()
    {
        _hasMomentum = true;
        if (!_problem.Rows.IsSparse) return;
        using var state = new MemoryStream();
        using var writer = new BinaryWriter(state);
        using var reader = new BinaryReader(state);
        for (var model = 0; model < _models.Count; model++)
        {
            using var before = _models[model];
            before.EndEpoch();
            state.Position = 0;
            before.Save(writer);
            state.Position = 0;
            _models[model] = NewModel(_problem.Models[model]);
            _models[model].Load(reader);
        }
    }
}
