using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Models of sparse rows with <see cref="Sgd"/> without momentum: a step on a minibatch is, for each of its values, a weight read and a
/// weight changed. There is no gradient.
/// </summary>
/// <remarks>
/// Penalties and decay do not touch the weights that a minibatch does not meet. A decay multiplies all weights with the same number: they
/// share a scale, and <c>w = scale · v</c> of the weights v that are kept. What the penalty λ · ‖w‖₁ takes off a weight adds up until it
/// is met: see <see cref="LeftOutSteps"/>. Both are exact at any rates. Source: Bottou, "Stochastic gradient descent tricks", 2012;
/// Tsuruoka, Tsujii and Ananiadou, "Stochastic gradient descent training for L1-regularized log-linear models with cumulative penalty",
/// 2009.
/// </remarks>
internal sealed unsafe class SparseSgdModels : FusedModels
{
    // A part is worth some tens of microseconds.
    private const long LeastProducts = 1 << 14;
    private const int MostParts = 16;
    private const int PartRows = 16;

    // All scores of a minibatch are kept until its weights change.
    private const int MostScores = 1 << 22;

    // Memory takes as long to answer as some rows take to be computed.
    private const int RowsAhead = 3;

    // As many losses as a 32-bit number adds up with care.
    private const int RowsTogether = 256;

    private readonly LinearProblem _problem;
    private readonly FusedGroup _group;
    private readonly FusedGroup _biasGroup;
    private readonly FusedOptimizer _optimizer;
    private readonly AlignedArray _weights;
    private readonly AlignedArray _biases;
    // The numbers from a feature's weights to those of the next; of a vector they are a power of two.
    private readonly int _stride;
    private readonly int _shift;
    private readonly double[] _scales;
    private readonly LeftOutSteps? _leftOut;
    // After how many steps the weights of a feature are up to date; of a vector that stands beside each weight.
    private readonly int[] _upToDate;
    // A number a model, lane by lane: the scale, and what a slope is multiplied with.
    private readonly AlignedArray _scaleLanes;
    private readonly AlignedArray _factorLanes;
    private readonly float[] _thresholds;
    private readonly AlignedArray _slopeSums;
    private readonly AlignedArray _scores;
    private readonly double[][] _losses;
    private readonly long _productsOfRow;
    private readonly FeatureRanges _ranges;
    private readonly WorkerTeam _team;
    private readonly Action<int> _catchUp;
    private readonly Action<int> _train;
    private readonly Action<int> _update;

    // The minibatch of the step, and what threads do with their parts of it.
    private RowWindow? _window;
    private int _start;
    private int _count;
    private int _rowsOfPart;
    private int _rangeCount;
    private Action<int> _work;

    /// <param name="problem">What to train: see <see cref="Fit"/>.</param>
    /// <param name="layout">Where the weights stand.</param>
    /// <param name="threads">How many threads may compute.</param>
    public SparseSgdModels(LinearProblem problem, WeightLayout layout, int threads)
        : base(layout)
    {
        _problem = problem;
        var shrinks = problem.Models.Any(own => own.L1Regularization > 0);
        _shift = layout.IsVector && shrinks ? 1 : 0;
        _stride = layout.Stride << _shift;
        (_weights, _biases) = (new AlignedArray(checked(layout.WeightLength << _shift)), new AlignedArray(layout.BiasLength));
        _leftOut = shrinks ? new LeftOutSteps(layout.Models, layout.Features, shrinks: true, carries: false) : null;
        _upToDate = new int[shrinks && !layout.IsVector ? layout.Features : 0];
        _scales = new double[layout.Models];
        Array.Fill(_scales, 1);
        _group = FusedGroup.OfWeights(problem, layout);
        _biasGroup = FusedGroup.OfBiases(problem, layout, _biases);
        _optimizer = new FusedOptimizer(problem, layout, _group, _biasGroup);
        (_scaleLanes, _factorLanes) = (new AlignedArray(layout.LaneLength), new AlignedArray(layout.LaneLength));
        _thresholds = new float[layout.PaddedModels];
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
        for (var model = 0; model < layout.Models; model++)
        {
            if (initial.Weights.Length > 0) layout.CopyWeights(model, _weights, offset: 0, _stride, initial.Weights, outward: false);
            layout.CopyBiases(model, _biases, initial.Biases, outward: false);
        }
    }

    /// <summary>Whether models can be trained like this.</summary>
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
            if (_leftOut.IsFull) CatchUp();
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
            Decay(model);
            SetLane(_factorLanes, model, -_group.Numbers[model].Rate / (count * _scales[model]));
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
        if (_leftOut is not null) CatchUp();
    }

    /// <inheritdoc/>
    public override LinearWeights GetWeights(int model)
    {
        var weights = Layout.NewWeights();
        Layout.CopyWeights(model, _weights, offset: 0, _stride, weights.Weights, outward: true);
        Layout.CopyBiases(model, _biases, weights.Biases, outward: true);
        var scale = (float)_scales[model];
        for (var output = 0; output < Layout.Outputs; output++)
        {
            var own = weights.Weights.AsSpan(output * Layout.Features, Layout.Features);
            for (var feature = 0; _leftOut is not null && feature < own.Length; feature++)
                own[feature] = Proximal.Shrink(own[feature], _leftOut.Threshold(model, UpToDate(feature)));
            foreach (ref var weight in own) weight *= scale;
        }

        return weights;
    }

    /// <inheritdoc/>
    public override void Save(int model, BinaryWriter writer)
    {
        _optimizer.SaveBiases(model, writer);
        var saved = new SavedWeights(new float[Layout.Outputs * Layout.Features]) { Scale = _scales[model] };
        Layout.CopyWeights(model, _weights, offset: 0, _stride, saved.Weights, outward: true);
        if (_leftOut is { Count: > 0 })
        {
            saved.UpToDate = new int[Layout.Features];
            for (var feature = 0; feature < Layout.Features; feature++) saved.UpToDate[feature] = UpToDate(feature);
        }

        saved.Save(writer);
        if (saved.UpToDate.Length > 0) _leftOut!.Save(model, writer);
    }

    /// <inheritdoc/>
    public override void Load(int model, BinaryReader reader)
    {
        _optimizer.LoadBiases(model, reader);
        var saved = SavedWeights.Load(reader, Layout.Outputs * Layout.Features, Layout.Features);
        _scales[model] = saved.Scale;
        Layout.CopyWeights(model, _weights, offset: 0, _stride, saved.Weights, outward: false);
        if (_leftOut is null)
        {
            if (saved.UpToDate.Length == 0) return;
            throw new InvalidDataException("There must be no steps to catch up with where there is no L1 penalty. Received: some");
        }

        for (var feature = 0; feature < Layout.Features; feature++)
            UpToDate(feature) = saved.UpToDate.Length == 0 ? 0 : saved.UpToDate[feature];
        if (saved.UpToDate.Length == 0) _leftOut.Clear();
        else _leftOut.Load(model, reader, saved.UpToDate);
    }

    /// <inheritdoc/>
    public override void Dispose() => _team.Dispose();

    /// <summary>After how many steps the weights of a feature are up to date.</summary>
    private ref int UpToDate(int feature) => ref Layout.IsVector
        ? ref Unsafe.As<float, int>(ref Unsafe.Add(ref _weights.First, ((nint)feature << _shift) + 1))
        : ref _upToDate[feature];

    // What is too little for two threads is done in one part.
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

    /// <summary>The part of a row that is in a range.</summary>
    private SparseRow Entries(int position, int range)
    {
        var row = _window!.Entries(position);
        return _rangeCount == 1 ? row : _ranges.Of(row, range);
    }

    /// <summary>Asks memory for what will be needed when some more rows have been computed.</summary>
    private void Prefetch(int position)
    {
        _window!.PrefetchEntries(position + 2 * RowsAhead);
        if (position + RowsAhead < _window.Count)
            SparseProducts.Prefetch(_window.Entries(position + RowsAhead), _weights.Address, _stride, _stride);
    }

    /// <summary>Takes off the weights that a minibatch meets what has been left out.</summary>
    private void CatchUpRange(int range)
    {
        var steps = _leftOut!.Count;
        for (var position = _start; position < _start + _count; position++)
        {
            Prefetch(position);
            var entries = Entries(position, range);
            if (Layout.IsVector) _leftOut.Shrink(entries.Indices, (float*)_weights.Address);
            else
                foreach (var feature in entries.Indices) CatchUp(feature, steps);
        }
    }

    /// <summary>Catches up with all weights.</summary>
    private void CatchUp()
    {
        for (var feature = 0; feature < Layout.Features; feature++) CatchUp(feature, steps: 0);
        _leftOut!.Clear();
    }

    /// <summary>Catches up with the weights of a feature, which are then up to date after some steps.</summary>
    private void CatchUp(int feature, int steps)
    {
        ref var upToDate = ref UpToDate(feature);
        ref var weight = ref Unsafe.Add(ref _weights.First, (nint)feature * _stride);
        if (Layout.Models == 1)
        {
            var threshold = _leftOut!.Threshold(0, upToDate);
            for (var output = 0; output < Layout.Outputs; output++)
            {
                ref var own = ref Unsafe.Add(ref weight, output);
                own = Proximal.Shrink(own, threshold);
            }
        }
        else if (upToDate != _leftOut!.Count)
        {
            for (var model = 0; model < Layout.Models; model++) _thresholds[model] = _leftOut.Threshold(model, upToDate);
            for (var column = 0; column < Layout.Columns; column++)
            {
                ref var own = ref Unsafe.Add(ref weight, column);
                own = Proximal.Shrink(own, _thresholds[column % _thresholds.Length]);
            }
        }

        upToDate = steps;
    }

    /// <summary>The scores of a part of the rows, and from them the slopes.</summary>
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

    /// <summary>Multiplies the scale of a model with what a step leaves of weights.</summary>
    private void Decay(int model)
    {
        if (_group.Settings[model].Decay == 0) return;
        var scale = _scales[model] * (1 - _group.Numbers[model].Rate * _group.Settings[model].Decay);
        if (SharedScale.IsFit(scale))
        {
            _scales[model] = scale;
            return;
        }

        for (var output = 0; output < Layout.Outputs; output++)
        {
            ref var weight = ref Unsafe.Add(ref _weights.First, Layout.ColumnOf(model, output));
            for (var feature = 0; feature < Layout.Features; feature++) Unsafe.Add(ref weight, (nint)feature * _stride) *= (float)scale;
        }

        _leftOut?.Scale(model, Math.Abs(scale));
        _scales[model] = 1;
    }

    /// <summary>Adds up the slopes for the biases, and of a matrix multiplies them with what becomes of them.</summary>
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

    /// <summary>Changes the weights of a range of the features.</summary>
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
