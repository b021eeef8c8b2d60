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

    private readonly LinearProblem _problem;
    private readonly TorchPlace _place;
    private readonly TorchWindow? _window;
    private readonly List<TorchModel> _models = [];
    private bool _hasMomentum;

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

    /// <summary>A schedule gives a momentum to optimizers that have none of their own: of sparse rows more is to be remembered.</summary>
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
