using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// The fused engine. It trains linear models with one pass over the rows of each minibatch, and sparse rows cost only as much as they have
/// values. It uses vectors of sixteen lanes, which .NET splits if the processor has shorter ones. With several models, the scores are a
/// matrix product.
/// </summary>
/// <remarks>
/// A large minibatch is split into parts for several threads. The number of parts depends only on the problem, and their sums are added in
/// order, so the result is the same on any number of threads. A step allocates no memory.
/// </remarks>
internal sealed class FusedEngine : ILinearEngine
{
    private readonly LinearProblem _problem;
    private readonly WeightLayout _layout;
    private readonly int _threads;
    private FusedModels _models;
    private bool _hasMomentum;

    private RowWindow? _window;

    private readonly double[] _lastLosses;
    private readonly double[] _lossSums;
    private long _lossRows;

    /// <param name="problem">The problem to train.</param>
    /// <param name="threads">The number of threads, at least 1; null for the number of processors.</param>
    /// <exception cref="InvalidOperationException">The weights are more than an array can hold.</exception>
    public FusedEngine(LinearProblem problem, int? threads = null)
    {
        _problem = problem;
        var rows = problem.Rows;
        CheckSize(rows.FeatureCount, rows.IsSparse, problem.OutputCount, problem.Models.Count);
        (_layout, _threads) = (
            new WeightLayout(problem.Models.Count, problem.OutputCount, rows.FeatureCount, rows.IsSparse), threads
                ?? Environment.ProcessorCount);
        _hasMomentum = problem.Models.Any(own => own.Optimizer.CycledMomentum is > 0);
        _models = NewModels();
        (_lastLosses, _lossSums) = (new double[problem.Models.Count], new double[problem.Models.Count]);
    }

    /// <summary>Checks that the weights fit into the engine.</summary>
    /// <param name="features">The number of features.</param>
    /// <param name="isSparse">Whether the rows are sparse.</param>
    /// <param name="outputs">The number of scores per row.</param>
    /// <param name="models">The number of models that train together.</param>
    /// <exception cref="InvalidOperationException">The weights are more than an array can hold.</exception>
    public static void CheckSize(int features, bool isSparse, int outputs, int models = 1) => ModelSize.Check(
        features, outputs, models, new WeightLayout(models, outputs, features, isSparse).NumberCount, WeightLayout.LongestWeights, "fused");

    /// <inheritdoc/>
    public int ModelCount => _problem.Models.Count;

    /// <inheritdoc/>
    public void LoadWindow(RowWindow window) => _window = window;

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        if (!momenta.IsEmpty && !_hasMomentum) BeginMomentum();
        _models.Step(_window!, start, count, learningRates, momenta);
        var losses = _models.Losses;
        for (var model = 0; model < _lastLosses.Length; model++)
        {
            _lastLosses[model] = losses[model] / count;
            _lossSums[model] += losses[model];
        }

        _lossRows += count;
    }

    /// <inheritdoc/>
    public double LastLoss(int model) => _lastLosses[model];

    /// <inheritdoc/>
    public void TakeTrainingLosses(Span<double> losses)
    {
        for (var model = 0; model < _lossSums.Length; model++) losses[model] = _lossSums[model] / _lossRows;
        Array.Clear(_lossSums);
        _lossRows = 0;
        _models.EndEpoch();
    }

    /// <inheritdoc/>
    public void Save(int model, BinaryWriter writer)
    {
        if (_problem.Rows.IsSparse) writer.Write(_hasMomentum);
        _models.Save(model, writer);
        writer.Write(_lossRows);
        writer.Write(_lossSums[model]);
        writer.Write(_lastLosses[model]);
    }

    /// <inheritdoc/>
    public void Load(int model, BinaryReader reader)
    {
        if (_problem.Rows.IsSparse && reader.ReadBoolean() && !_hasMomentum) BeginMomentum();
        _models.Load(model, reader);
        _lossRows = reader.ReadInt64();
        _lossSums[model] = reader.ReadDouble();
        _lastLosses[model] = reader.ReadDouble();
    }

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model) => _models.GetWeights(model);

    /// <inheritdoc/>
    public void Dispose() => _models.Dispose();

    private FusedModels NewModels() => !_problem.Rows.IsSparse ? new DenseModels(_problem, _layout, _threads)
        : SparseSgdModels.Fit(_problem, _layout, _hasMomentum) ? new SparseSgdModels(_problem, _layout, _threads)
        : new SparseModels(_problem, _layout, _hasMomentum);

    /// <summary>
    /// Starts to use momentum, because a schedule gives one to optimizers without their own. For sparse rows this needs additional state,
    /// so the models are created again.
    /// </summary>
    private void BeginMomentum()
    {
        _hasMomentum = true;
        if (!_problem.Rows.IsSparse) return;
        using var before = _models;
        before.EndEpoch();
        _models = NewModels();
        using var state = new MemoryStream();
        using var writer = new BinaryWriter(state);
        using var reader = new BinaryReader(state);
        for (var model = 0; model < ModelCount; model++)
        {
            state.Position = 0;
            before.Save(model, writer);
            state.Position = 0;
            _models.Load(model, reader);
        }
    }
}
