using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Trains models on sparse rows with <see cref="Sgd"/> without momentum. For each value in a minibatch, a step reads one weight and changes
/// one weight. There is no array of gradients.
/// </summary>
/// <remarks>
/// Penalties do not touch the weights that a minibatch does not use. An L2 penalty or a weight decay multiplies all weights by the same
/// number: it changes only a common scale, and the weights are <c>w = scale · v</c> with stored weights v. The shrinkage of an L1 penalty
/// λ · ‖w‖₁ is added up until a weight is used again: see <see cref="LeftOutSteps"/>. Both are exact at any rates. Source: Bottou,
/// "Stochastic gradient descent tricks", 2012; Tsuruoka, Tsujii and Ananiadou, "Stochastic gradient descent training for L1-regularized
/// log-linear models with cumulative penalty", 2009.
/// </remarks>
internal sealed unsafe class SparseSgdModels : FusedModels
{
    // The minimum work of a part, which takes tens of microseconds.
    private const long LeastProducts = 1 << 14;
    private const int MostParts = 16;
    private const int PartRows = 16;

    // All scores of a minibatch stay in memory until its weights are updated.
    private const int MostScores = 1 << 22;

    // The prefetch distance: an access to memory takes about as long as computing this number of rows.
    private const int RowsAhead = 3;

    // Losses are summed in single precision, so the number of rows in such a sum is limited.
    private const int RowsTogether = 256;

    private readonly LinearProblem _problem;
    private readonly FusedGroup _group;
    private readonly FusedGroup _biasGroup;
    private readonly FusedOptimizer _optimizer;
    private readonly ScaledWeights _stored;
    // Copies of the properties of _stored, so that the loops need one indirection less.
    private readonly AlignedArray _weights;
    private readonly int _stride;
    private readonly int _shift;
    private readonly double[] _scales;
    private readonly LeftOutSteps? _leftOut;
    private readonly AlignedArray _biases;
    // One value per lane: the scale of the model, and the factor for its slopes.
    private readonly AlignedArray _scaleLanes;
    private readonly AlignedArray _factorLanes;
    private readonly AlignedArray _slopeSums;
    private readonly AlignedArray _scores;
    private readonly double[][] _losses;
    private readonly long _productsOfRow;
    private readonly FeatureRanges _ranges;
    private readonly WorkerTeam _team;
    private readonly Action<int> _catchUp;
    private readonly Action<int> _train;
    private readonly Action<int> _update;

    // The current minibatch, and the work of the threads on its parts.
    private RowWindow? _window;
    private int _start;
    private int _count;
    private int _rowsOfPart;
    private int _rangeCount;
    private Action<int> _work;

    /// <param name="problem">The problem to train, which must satisfy <see cref="Fit"/>.</param>
    /// <param name="layout">The layout of the weights.</param>
    /// <param name="threads">The number of threads.</param>
    public SparseSgdModels(LinearProblem problem, WeightLayout layout, int threads)
        : base(layout)
    {
        _problem = problem;
        _stored = new ScaledWeights(problem, layout);
        (_weights, _stride, _shift) = (_stored.Values, _stored.Stride, _stored.Shift);
        (_scales, _leftOut) = (_stored.Scales, _stored.LeftOut);
        _biases = new AlignedArray(layout.BiasLength);
        _group = FusedGroup.OfWeights(problem, layout);
        _biasGroup = FusedGroup.OfBiases(problem, layout, _biases);
        _optimizer = new FusedOptimizer(problem, layout, _group, _biasGroup);
        (_scaleLanes, _factorLanes) = (new AlignedArray(layout.LaneLength), new AlignedArray(layout.LaneLength));
        _productsOfRow = (long)problem.Rows.ValuesPerRow * Math.Max(1, layout.Columns / AlignedArray.Lanes);
        var rows = Math.Min(problem.BatchSize, problem.WindowRows);
        _slopeSums = new AlignedArray(layout.BiasLength);
        _scores = new AlignedArray(AlignedArray.Padded(rows) * layout.Columns);
        _losses = [.. Enumerable.Range(0, PartsOf(rows)).Select(_ => new double[layout.PaddedModels])];
        _ranges = new FeatureRanges(PartsOf(rows) == 1 ? 1 : threads);
        (_catchUp, _train, _update) = (CatchUpRange, TrainPart, UpdateRange);
        _work = _train;
        _team = new WorkerTeam(threads, part => _work(part));
        if (problem.Initial is not { } initial) return;
        for (var model = 0; model < layout.Models; model++) layout.CopyBiases(model, _biases, initial.Biases, outward: false);
    }

    /// <summary>Whether this class can train the models.</summary>
    public static bool Fit(LinearProblem problem, WeightLayout layout, bool hasMomentum) => !hasMomentum
        && problem.Models.All(own => own is { Optimizer: Sgd { Momentum: 0 }, Clipping: null })
        && (long)AlignedArray.Padded(Math.Min(problem.BatchSize, problem.WindowRows)) * layout.Columns <= MostScores;

    /// <inheritdoc/>
    public override void Step(RowWindow window, int start, int count, ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta)
    {
        (_window, _start, _count) = (window, start, count);
        var parts = PartsOf(count);
        _rowsOfPart = parts == 1 ? count : ((count - 1) / parts / PartRows + 1) * PartRows;
        parts = (count - 1) / _rowsOfPart + 1;
        _rangeCount = parts == 1 ? 1 : _ranges.Count;
        if (_rangeCount > 1) _ranges.Take(window);
        if (_leftOut is not null)
        {
            if (_leftOut.IsFull) _stored.CatchUp();
            Run(_catchUp, _rangeCount);
        }

        for (var model = 0; model < Layout.Models; model++) SetLane(_scaleLanes, model, _scales[model]);
        Run(_train, parts);
        Array.Clear(Losses);
        for (var part = 0; part < parts; part++)
            for (var model = 0; model < Losses.Length; model++) Losses[model] += _losses[part][model];

        _optimizer.Begin(rates, momenta);
        for (var model = 0; model < Layout.Models; model++)
        {
            var (rate, decay) = (_group.Numbers[model].Rate, _group.Settings[model].Decay);
            if (decay != 0) _stored.Multiply(model, 1 - rate * decay);
            SetLane(_factorLanes, model, -rate / (count * _scales[model]));
        }

        PrepareSlopes();
        Run(_update, _rangeCount);
        UpdateBiases();
        _leftOut?.Add();
        for (var model = 0; _leftOut is not null && model < Layout.Models; model++)
            _leftOut.AddThreshold(model, _group.Numbers[model].Rate * _group.Settings[model].L1 / Math.Abs(_scales[model]));
    }

    /// <inheritdoc/>
    public override void EndEpoch()
    {
        if (_leftOut is not null) _stored.CatchUp();
    }

    /// <inheritdoc/>
    public override LinearWeights GetWeights(int model)
    {
        var weights = Layout.NewWeights();
        _stored.CopyTo(model, weights.Weights);
        Layout.CopyBiases(model, _biases, weights.Biases, outward: true);
        return weights;
    }

    /// <inheritdoc/>
    public override void Save(int model, BinaryWriter writer)
    {
        _optimizer.SaveBiases(model, writer);
        _stored.Save(model, writer);
    }

    /// <inheritdoc/>
    public override void Load(int model, BinaryReader reader)
    {
        _optimizer.LoadBiases(model, reader);
        _stored.Load(model, reader);
    }

    /// <inheritdoc/>
    public override void Dispose() => _team.Dispose();

    // Work that is too small for two threads is one part.
    private int PartsOf(int count) => (int)Math.Clamp(count * _productsOfRow / LeastProducts, 1, MostParts);

    private void Run(Action<int> work, int parts)
    {
        if (parts == 1)
        {
            work(0);
            return;
        }

        _work = work;
        _team.Run(parts);
    }

    private void SetLane(AlignedArray lanes, int model, double value)
    {
        if (Layout.Models == 1) Vector512.Create((float)value).StoreUnsafe(ref lanes.First);
        else lanes.Elements[model] = (float)value;
    }

    /// <summary>Returns the values of a row whose features are in a range.</summary>
    private SparseRow Entries(int position, int range)
    {
        var row = _window!.Entries(position);
        return _rangeCount == 1 ? row : _ranges.Of(row, range);
    }

    /// <summary>Prefetches the values and weights of a later row.</summary>
    private void Prefetch(int position)
    {
        _window!.PrefetchEntries(position + 2 * RowsAhead);
        if (position + RowsAhead < _window.Count)
            SparseProducts.Prefetch(_window.Entries(position + RowsAhead), _weights.Address, _stride, _stride);
    }

    /// <summary>Applies the skipped L1 shrinkage to the weights that the minibatch uses, in one range of the features.</summary>
    private void CatchUpRange(int range)
    {
        var steps = _leftOut!.Count;
        for (var position = _start; position < _start + _count; position++)
        {
            Prefetch(position);
            var entries = Entries(position, range);
            if (Layout.IsVector) _leftOut.Shrink(entries.Indices, (float*)_weights.Address);
            else
                foreach (var feature in entries.Indices) _stored.CatchUp(feature, steps);
        }
    }

    /// <summary>Computes the scores of a part of the rows, and replaces them by the slopes.</summary>
    private void TrainPart(int number)
    {
        var first = number * _rowsOfPart;
        var end = Math.Min(first + _rowsOfPart, _count);
        var losses = _losses[number];
        Array.Clear(losses);
        for (var start = first; start < end; start += RowsTogether)
        {
            var count = Math.Min(RowsTogether, end - start);
            for (var row = start; row < start + count; row++)
            {
                if (_leftOut is null) Prefetch(_start + row);
                Score(row);
            }

            var scores = _scores.Elements.Slice(start * Layout.Columns, count * Layout.Columns);
            var labels = _window!.Labels(_start + start, count);
            var weights = _window.Weights(_start + start, count);
            if (Layout.Models == 1) losses[0] += _problem.Loss.ToGradients(scores, Layout.Outputs, labels, weights);
            else _problem.Loss.ToGradientsOfModels(scores, Layout.Outputs, labels, weights, losses);
        }
    }

    private void Score(int row)
    {
        var entries = _window!.Entries(_start + row);
        if (Layout.IsVector)
        {
            _scores.Elements[row] = SparseProducts.Dot(entries, ref _weights.First, _shift) * _scaleLanes.First + _biases.First;
            return;
        }

        ref var score = ref Unsafe.Add(ref _scores.First, (nint)row * Layout.Columns);
        SparseProducts.Multiply(entries, ref _weights.First, _stride, Layout.Columns, ref score);
        var lanes = (nuint)Layout.LaneLength;
        for (nuint column = 0; column < (nuint)Layout.Columns; column += AlignedArray.Lanes)
            Vector512.FusedMultiplyAdd(
                Vector512.LoadUnsafe(ref score, column), Vector512.LoadUnsafe(ref _scaleLanes.First, column % lanes),
                Vector512.LoadUnsafe(ref _biases.First, column)).StoreUnsafe(ref score, column);
    }

    /// <summary>Sums the slopes for the biases. With several columns it also multiplies the slopes by the factor of the step.</summary>
    private void PrepareSlopes()
    {
        var slopes = _scores.Elements[..(_count * Layout.Columns)];
        SparseProducts.AddSlopes(slopes, _count, Layout, ref _slopeSums.First);
        if (Layout.IsVector) return;
        var lanes = (nuint)Layout.LaneLength;
        ref var slope = ref _scores.First;
        for (var row = 0; row < _count; row++, slope = ref Unsafe.Add(ref slope, Layout.Columns))
            for (nuint column = 0; column < (nuint)Layout.Columns; column += AlignedArray.Lanes)
                (Vector512.LoadUnsafe(ref slope, column) * Vector512.LoadUnsafe(ref _factorLanes.First, column % lanes))
                    .StoreUnsafe(ref slope, column);
    }

    private void UpdateBiases()
    {
        ref var sum = ref _slopeSums.First;
        ref var bias = ref _biases.First;
        var (count, lanes) = (1f / _count, (nuint)Layout.LaneLength);
        for (nuint column = 0; column < (nuint)Layout.BiasLength; column += AlignedArray.Lanes)
        {
            var rate = Vector512.LoadUnsafe(ref _biasGroup.Factors.Rate.First, column % lanes);
            Vector512.FusedMultiplyAdd(
                rate, Vector512.LoadUnsafe(ref sum, column) * count, Vector512.LoadUnsafe(ref bias, column)).StoreUnsafe(ref bias, column);
            Vector512<float>.Zero.StoreUnsafe(ref sum, column);
        }
    }

    /// <summary>Updates the weights in one range of the features.</summary>
    private void UpdateRange(int range)
    {
        for (var row = 0; row < _count; row++)
        {
            var entries = Entries(_start + row, range);
            if (Layout.IsVector) SparseProducts.AddTo(entries, _scores.Elements[row] * _factorLanes.First, ref _weights.First, _shift);
            else SparseProducts.AddTo(
                entries, ref Unsafe.Add(ref _scores.First, (nint)row * Layout.Columns), ref _weights.First, _stride);
        }
    }
}
