using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// Stores the weights and optimizer states of all features of sparse rows. For each minibatch it copies the weights that the minibatch uses
/// side by side, and writes them back after the step. This is a small dense problem, to which the formula of any optimizer applies.
/// </summary>
internal sealed unsafe class MetWeights
{
    private readonly IReadOnlyList<ModelSettings> _models;
    private readonly Penalties[] _penalties;
    private readonly WeightLayout _layout;
    private readonly ITakenOut _taken;
    private readonly SparseRule _rule;
    private readonly bool _shrinks;
    private readonly LeftOutSteps? _leftOut;
    private readonly CatchingUp? _catchingUp;
    private readonly bool _isScaled;
    private readonly double[] _scales;
    private readonly AlignedArray _scaleLanes;
    private readonly FeatureRecords _records;
    private readonly TakenFeatures _features;

    /// <param name="problem">The problem, with the rows and the initial weights.</param>
    /// <param name="models">The models to train. They can be fewer than those of the problem.</param>
    /// <param name="layout">The layout of the weights.</param>
    /// <param name="hasMomentum">Whether an optimizer or a schedule gives a momentum.</param>
    /// <param name="taken">The memory for the copied weights.</param>
    /// <param name="engine">The name of the engine, for messages.</param>
    /// <exception cref="InvalidOperationException">There are more numbers than an array can hold.</exception>
    public MetWeights(
        LinearProblem problem, IReadOnlyList<ModelSettings> models, WeightLayout layout, bool hasMomentum, ITakenOut taken,
        string engine)
    {
        (_models, _layout, _taken) = (models, layout, taken);
        _penalties = [.. models.Select(Penalties.Of)];
        _rule = SparseRule.Of(models[0].Optimizer, hasMomentum);
        _shrinks = Array.Exists(_penalties, own => own.L1 != 0);
        if (_shrinks || _rule.Carried >= 0 || _rule.Fading.Length > 0)
        {
            _leftOut = new LeftOutSteps(layout.Models, layout.Features, _shrinks, _rule.Carried >= 0);
            _catchingUp = new CatchingUp(layout, _rule, _shrinks, _leftOut, models.Select(own => own.Optimizer.SquareAverageDecay), taken);
        }

        _isScaled = Enumerable.Range(0, layout.Models).Any(model => ScaledDecay(model) != 0);
        _scales = new double[layout.Models];
        _scaleLanes = new AlignedArray(layout.LaneLength);
        _records = new FeatureRecords(layout, _rule.States.Length, engine);
        _features = new TakenFeatures(layout, _rule, taken, _records);
        for (var model = 0; model < layout.Models; model++) Set(model, new SavedWeights(problem.Initial?.Weights ?? []));
    }

    /// <summary>The number of features that are copied.</summary>
    public int Count => _features.Count;

    /// <summary>The length of their weights, rounded up to whole vectors.</summary>
    public int Length => AlignedArray.Padded(Count * _layout.Stride);

    /// <summary>For each value of the minibatch, row by row, the place of its feature among the copied features.</summary>
    public ReadOnlySpan<int> Places => _features.Places;

    /// <summary>Copies the weights that a minibatch uses, and applies the steps that they skipped.</summary>
    /// <param name="window">The rows.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    public void TakeOut(RowWindow window, int start, int count)
    {
        // The prefetch distance: an access to memory takes about as long as copying this number of rows.
        const int RowsAhead = 3;
        var values = 0;
        for (var position = start; position < start + count; position++) values += window.EntryCount(position);
        if (_leftOut is { IsFull: true }) CatchUp();
        _features.Begin(values);
        for (var position = start; position < start + count; position++)
        {
            window.PrefetchEntries(position + 2 * RowsAhead);
            if (position + RowsAhead < window.Count)
                SparseProducts.Prefetch(window.Entries(position + RowsAhead), _records.Address, _records.Length, _records.Length);
            _features.Take(window.Entries(position).Indices);
        }

        _catchingUp?.Apply(_features.UpToDate);
        if (_isScaled) Scale(isOutward: true);
    }

    /// <summary>Returns a row with the places of its features instead of their numbers.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">The number of values in the rows of the minibatch before it.</param>
    public SparseRow InPlaces(SparseRow row, int values) => new(row.Values, Places.Slice(values, row.Indices.Length));

    /// <summary>Ends a step: writes the copied weights back, and records the effect of the step on all other weights.</summary>
    /// <param name="numbers">The numbers of the step, one entry per model.</param>
    public void PutBack(ReadOnlySpan<StepNumbers> numbers)
    {
        _leftOut?.Add();
        for (var model = 0; model < _layout.Models; model++)
        {
            if (_isScaled) Decay(model, numbers[model].Rate);
            if (_shrinks) _leftOut!.AddThreshold(model, numbers[model].Rate * _penalties[model].L1 / Math.Abs(_scales[model]));
            if (_rule.Carried >= 0)
                _leftOut!.AddCarry(model, SparseRule.CarryOf(_models[model].Optimizer, numbers[model], _penalties[model].Decay));
        }

        if (_isScaled) Scale(isOutward: false);
        _features.PutBack(_leftOut?.Count ?? 0);
    }

    /// <summary>Brings all weights up to date.</summary>
    public void CatchUp()
    {
        if (_leftOut is not { Count: > 0 }) return;
        for (var start = 0; start < _layout.Features; start += _features.Capacity)
        {
            _features.TakeRange(start);
            _catchingUp?.Apply(_features.UpToDate);
            _features.PutBack(mark: 0);
        }

        _leftOut.Clear();
    }

    /// <summary>Returns the weights of a model, by output and then by feature.</summary>
    public float[] Weights(int model)
    {
        var weights = new float[_layout.Outputs * _layout.Features];
        if (_leftOut is not { Count: > 0 }) _records.Copy(model, part: 0, weights, outward: true);
        else
            for (var start = 0; start < _layout.Features; start += _features.Capacity)
            {
                _features.TakeRange(start);
                _catchingUp?.Apply(_features.UpToDate);
                for (var output = 0; output < _layout.Outputs; output++)
                {
                    var own = (float*)_taken.Weights + _layout.ColumnOf(model, output);
                    var target = weights.AsSpan(output * _layout.Features + start, Count);
                    for (var i = 0; i < target.Length; i++) target[i] = own[(nint)i * _layout.Stride];
                }
            }

        if (!_isScaled) return weights;
        var scale = (float)_scales[model];
        foreach (ref var weight in weights.AsSpan()) weight *= scale;
        return weights;
    }

    /// <summary>Writes the weights and states of a model as they are stored, without applying skipped steps.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hasMomentum">Whether its momentum buffer has been started.</param>
    /// <param name="writer">The writer.</param>
    public void Save(int model, bool hasMomentum, BinaryWriter writer)
    {
        var saved = new SavedWeights(new float[_layout.Outputs * _layout.Features])
        {
            Scale = _scales[model],
            HasMomentum = hasMomentum,
        };
        _records.Copy(model, part: 0, saved.Weights, outward: true);
        for (var i = 0; i < _rule.States.Length; i++)
        {
            var state = saved.States[_rule.States[i]] = new float[saved.Weights.Length];
            _records.Copy(model, i + 1, state, outward: true);
        }

        if (_leftOut is { Count: > 0 })
        {
            saved.UpToDate = new int[_layout.Features];
            for (var feature = 0; feature < saved.UpToDate.Length; feature++) saved.UpToDate[feature] = _records.Mark(feature);
        }

        saved.Save(writer);
        if (saved.UpToDate.Length > 0) _leftOut!.Save(model, writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reader">The reader.</param>
    /// <returns>Whether its momentum buffer has been started.</returns>
    /// <exception cref="InvalidDataException">The data belongs to a different model.</exception>
    public bool Load(int model, BinaryReader reader)
    {
        var saved = SavedWeights.Load(reader, _layout.Outputs * _layout.Features, _layout.Features);
        Set(model, saved);
        if (saved.UpToDate.Length == 0) return saved.HasMomentum;
        if (_leftOut is null) throw new InvalidDataException("There must be no steps to catch up with here. Received: some");
        _leftOut.Load(model, reader, saved.UpToDate);
        for (var feature = 0; feature < _layout.Features; feature++) _records.Mark(feature) = saved.UpToDate[feature];
        return saved.HasMomentum;
    }

    private void Set(int model, SavedWeights saved)
    {
        _scales[model] = saved.Scale;
        if (saved.Weights.Length > 0) _records.Copy(model, part: 0, saved.Weights, outward: false);
        if (!_isScaled && saved.Scale != 1)
        {
            // The state comes from models that had a common scale. It is multiplied into the weights.
            _records.Scale(model, (float)saved.Scale);
            _scales[model] = 1;
        }

        for (var i = 0; i < _rule.States.Length; i++)
        {
            var own = _rule.States[i];
            if (saved.States[own] is { } state) _records.Copy(model, i + 1, state, outward: false);
            else _records.Fill(model, i + 1, own == 0 ? (float)_models[model].Optimizer.InitialSquare : 0);
        }

        for (var feature = 0; feature < _layout.Features; feature++) _records.Mark(feature) = 0;
        _leftOut?.Clear(model);
    }

    /// <summary>λ of the decay that the common scale applies: the exact decay of SGD without momentum, or a decoupled one.</summary>
    private double ScaledDecay(int model) =>
        _rule is { DecaysExactly: true, Carried: < 0 } ? _penalties[model].Decay : _penalties[model].DetachedDecay;

    /// <summary>Multiplies the common scale of a model by the decay of a step.</summary>
    private void Decay(int model, double rate)
    {
        _scales[model] *= 1 - rate * ScaledDecay(model);
        if (SharedScale.IsFit(_scales[model])) return;
        // The scale is too small or too large. It is multiplied into the weights, and restarts at 1.
        _records.Scale(model, (float)_scales[model]);
        if (_shrinks) _leftOut!.Scale(model, Math.Abs(_scales[model]));
        _scales[model] = 1;
    }

    /// <summary>Multiplies the copied weights by the scale of each model, or divides them by it.</summary>
    private void Scale(bool isOutward)
    {
        for (var model = 0; model < _layout.Models; model++)
        {
            var scale = (float)(isOutward ? _scales[model] : 1 / _scales[model]);
            if (_layout.Models == 1) _scaleLanes.Elements.Fill(scale);
            else _scaleLanes.Elements[model] = scale;
        }

        float* weights = (float*)_taken.Weights, scales = (float*)_scaleLanes.Address;
        for (var i = 0; i < Length; i += AlignedArray.Lanes)
            (Vector512.Load(weights + i) * Vector512.Load(scales + i % _layout.LaneLength)).Store(weights + i);
    }
}
