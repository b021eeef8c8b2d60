using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Trains linear models at the speed of memory: scores, slopes and gradients tile by tile, while the rows are in the nearest cache, then
/// one pass over the weights. All of it in vectors of sixteen lanes, which .NET makes of shorter ones where a processor has no longer; K
/// models are a product of matrices.
/// </summary>
/// <remarks>
/// A large minibatch is cut into parts for several threads. The number of parts follows from the problem alone and their sums are added
/// in order, so the result is the same on any number of threads. Nothing is allocated by a step.
/// </remarks>
internal sealed class FusedEngine : ILinearEngine
{
    // A part is worth some tens of microseconds; waking and joining threads takes one or two. A product with one vector waits for memory,
    // one of matrices does not.
    private const long LeastVectorProducts = 1 << 17;
    private const long LeastMatrixProducts = 1 << 20;
    private const int MostParts = 16;
    private const int PartRows = 16;

    private readonly LinearProblem _problem;
    private readonly FusedLayout _layout;
    private readonly AlignedArray _weights;
    private readonly AlignedArray _biases;
    private readonly FusedKernel _kernel;
    private readonly FusedOptimizer _optimizer;
    private readonly TouchedBlocks? _touched;
    private readonly FusedPart[] _parts;
    private readonly WorkerTeam _team;

    private RowWindow? _window;

    private readonly double[] _lastLosses;
    private readonly double[] _lossSums;
    private long _lossRows;

    // The minibatch of the step.
    private int _start;
    private int _count;
    private int _rowsOfPart;

    /// <param name="problem">What to train.</param>
    /// <param name="threads">How many threads may compute, at least 1; null for as many as there are processors.</param>
    /// <exception cref="InvalidOperationException">The weights are more than an array can hold.</exception>
    public FusedEngine(LinearProblem problem, int? threads = null)
    {
        _problem = problem;
        var rows = problem.Rows;
        _layout = new FusedLayout(problem.Models.Count, problem.OutputCount, rows.FeatureCount, rows.IsSparse);
        CheckSize(rows.FeatureCount, rows.IsSparse, problem.OutputCount, problem.Models.Count);
        (_weights, _biases) = (new AlignedArray(_layout.WeightLength), new AlignedArray(_layout.BiasLength));
        if (problem.Initial is { } initial)
            for (var model = 0; model < problem.Models.Count; model++)
                _layout.Copy(model, _weights, _biases, initial, outward: false);

        _optimizer = new FusedOptimizer(problem, _layout, _weights, _biases);
        _touched = rows.IsSparse && _optimizer.LeavesUntouched ? new TouchedBlocks(_layout) : null;
        _kernel = rows.IsSparse ? new SparseKernel(rows, _layout, _weights, _biases, _touched)
            : ShortVectorKernel.Fits(_layout) ? new ShortVectorKernel(rows, _layout, _weights, _biases)
            : _layout.IsVector ? new DenseVectorKernel(rows, _layout, _weights, _biases)
            : new DenseMatrixKernel(rows, _layout, _weights, _biases);
        _parts = [.. Enumerable.Range(0, PartsOf(Math.Min(problem.BatchSize, problem.WindowRows)))
            .Select(_ => new FusedPart(_layout, _kernel.TileRows, _kernel.TileValues))];
        _team = new WorkerTeam(threads ?? Environment.ProcessorCount, TrainPart);
        (_lastLosses, _lossSums) = (new double[problem.Models.Count], new double[problem.Models.Count]);
    }

    /// <summary>Refuses models that the engine cannot hold.</summary>
    /// <param name="features">The features of a row.</param>
    /// <param name="isSparse">Whether rows are sparse.</param>
    /// <param name="outputs">The scores of a row.</param>
    /// <param name="models">The models that train together.</param>
    /// <exception cref="InvalidOperationException">The weights are more than an array can hold.</exception>
    public static void CheckSize(int features, bool isSparse, int outputs, int models = 1) => ModelSize.Check(
        features, outputs, models, new FusedLayout(models, outputs, features, isSparse).NumberCount, FusedLayout.LongestWeights, "fused");

    /// <inheritdoc/>
    public int ModelCount => _problem.Models.Count;

    /// <inheritdoc/>
    public void LoadWindow(RowWindow window) => _window = window;

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        (_start, _count) = (start, count);
        var parts = PartsOf(count);
        _rowsOfPart = parts == 1 ? count : ((count - 1) / parts / PartRows + 1) * PartRows;
        if (parts == 1) TrainPart(0);
        else
        {
            parts = (count - 1) / _rowsOfPart + 1;
            _team.Run(parts);
            for (var part = 1; part < parts; part++) AddTo(_parts[0], _parts[part]);
        }

        var losses = _parts[0].Losses;
        for (var model = 0; model < _lastLosses.Length; model++)
        {
            _lastLosses[model] = losses[model] / count;
            _lossSums[model] += losses[model];
        }

        Array.Clear(losses);
        _lossRows += count;
        _optimizer.Step(_parts[0], count, learningRates, momenta, _touched);
        _touched?.Clear();
    }

    /// <inheritdoc/>
    public double LastLoss(int model) => _lastLosses[model];

    /// <inheritdoc/>
    public void TakeTrainingLosses(Span<double> losses)
    {
        for (var model = 0; model < _lossSums.Length; model++) losses[model] = _lossSums[model] / _lossRows;
        Array.Clear(_lossSums);
        _lossRows = 0;
    }

    /// <inheritdoc/>
    public void Save(int model, BinaryWriter writer)
    {
        _optimizer.Save(model, writer);
        writer.Write(_lossRows);
        writer.Write(_lossSums[model]);
        writer.Write(_lastLosses[model]);
    }

    /// <inheritdoc/>
    public void Load(int model, BinaryReader reader)
    {
        _optimizer.Load(model, reader);
        _lossRows = reader.ReadInt64();
        _lossSums[model] = reader.ReadDouble();
        _lastLosses[model] = reader.ReadDouble();
    }

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model)
    {
        var weights = new LinearWeights(new float[_layout.Outputs * _layout.Features], new float[_layout.Outputs]);
        _layout.Copy(model, _weights, _biases, weights, outward: true);
        return weights;
    }

    /// <inheritdoc/>
    public void Dispose() => _team.Dispose();

    // Sparse rows have a gradient as wide as all features for each part, which would take longer to add up than to compute.
    private int PartsOf(int count)
    {
        if (_problem.Rows.IsSparse) return 1;
        var products = (long)count * _layout.Features * _layout.Columns;
        return (int)Math.Clamp(products / (_layout.IsVector ? LeastVectorProducts : LeastMatrixProducts), 1, MostParts);
    }

    private void TrainPart(int number)
    {
        var (part, window, loss) = (_parts[number], _window!, _problem.Loss);
        var first = _start + number * _rowsOfPart;
        var end = Math.Min(first + _rowsOfPart, _start + _count);
        for (var start = first; start < end; start += _kernel.TileRows)
        {
            var tile = new RowTile(window, start, Math.Min(_kernel.TileRows, end - start));
            _kernel.Score(tile, part);
            var scores = part.Scores.Elements[..(tile.Count * _layout.Columns)];
            if (_layout.Models == 1) part.Losses[0] += loss.ToGradients(scores, _layout.Outputs, tile.Labels, tile.Weights);
            else loss.ToGradientsOfModels(scores, _layout.Outputs, tile.Labels, tile.Weights, part.Losses);
            _kernel.AddGradients(tile, part);
        }
    }

    /// <summary>Adds the sums of a part to those of another, and sets them to zero.</summary>
    private static void AddTo(FusedPart total, FusedPart part)
    {
        Move(part.Gradient, total.Gradient);
        Move(part.BiasGradient, total.BiasGradient);
        for (var model = 0; model < part.Losses.Length; model++) total.Losses[model] += part.Losses[model];
        Array.Clear(part.Losses);

        static void Move(AlignedArray from, AlignedArray to)
        {
            ref var source = ref from.First;
            ref var target = ref to.First;
            for (nuint i = 0; i < (nuint)from.Length; i += AlignedArray.Lanes)
            {
                (Vector512.LoadUnsafe(ref target, i) + Vector512.LoadUnsafe(ref source, i)).StoreUnsafe(ref target, i);
                Vector512<float>.Zero.StoreUnsafe(ref source, i);
            }
        }
    }
}
