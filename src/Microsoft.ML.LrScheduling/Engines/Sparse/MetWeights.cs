using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// The weights of all features of sparse rows, with what the optimizer remembers of them; and those that a minibatch meets, taken out and
/// put side by side as if there were no others: a small dense problem, to which any optimizer's formula applies.
/// </summary>
/// <remarks>
/// What belongs to a feature stands together, so that memory is asked once for it: its weights, as many numbers of each state, and a mark.
/// The mark says after how many steps the feature was last up to date (see <see cref="LeftOutSteps"/>), and of a feature that is taken
/// out, in which place it is.
/// </remarks>
internal sealed unsafe class MetWeights
{
    private const int Lanes = AlignedArray.Lanes;
    private const int LeastPlaces = 256;

    private readonly IReadOnlyList<ModelSettings> _models;
    private readonly Penalties[] _penalties;
    private readonly WeightLayout _layout;
    private readonly ITakenOut _taken;
    private readonly SparseRule _rule;
    private readonly bool _shrinks;
    private readonly LeftOutSteps? _leftOut;
    private readonly FadingPowers? _powers;
    private readonly bool _isScaled;
    private readonly double[] _scales;
    private readonly AlignedArray _records;
    private readonly int _recordLength;
    private readonly AlignedArray _scaleLanes;

    // Of each place the feature that is in it, and after how many steps it was up to date; of each value of the minibatch its place.
    private AlignedArray _features = new(0);
    private AlignedArray _upToDate = new(0);
    private AlignedArray _placesOfValues = new(0);
    private int _places;
    private int _values;

    /// <param name="problem">What to train; its own initial weights are for the models that it names.</param>
    /// <param name="models">The models that are trained.</param>
    /// <param name="layout">Where the weights of a feature stand.</param>
    /// <param name="hasMomentum">Whether the optimizers, or a schedule, give them a momentum.</param>
    /// <param name="taken">Where weights are that are taken out.</param>
    /// <param name="engine">The name of the engine.</param>
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
            _leftOut = new LeftOutSteps(layout.Models, layout.Features, _shrinks, _rule.Carried >= 0);
        if (_rule.Fading.Length > 0)
            _powers = new FadingPowers([.. models.Select(own => own.Optimizer.SquareKeep)], _leftOut!.Capacity);
        _isScaled = Enumerable.Range(0, layout.Models).Any(model => ScaledDecay(model) != 0);
        _scales = new double[layout.Models];
        _scaleLanes = new AlignedArray(layout.LaneLength);
        var numbers = checked((1 + _rule.States.Length) * layout.Stride + 1);
        _recordLength = numbers <= Lanes ? (int)BitOperations.RoundUpToPowerOf2((uint)numbers) : AlignedArray.Padded(numbers);
        ModelSize.Check(
            layout.Features, layout.Outputs, layout.Models, (long)layout.Features * _recordLength, WeightLayout.LongestWeights, engine);
        _records = new AlignedArray(layout.Features * _recordLength);
        Grow(LeastPlaces, LeastPlaces);
        for (var model = 0; model < layout.Models; model++) Set(model, new SavedWeights(problem.Initial?.Weights ?? []));
    }

    /// <summary>How many features are taken out.</summary>
    public int Count { get; private set; }

    /// <summary>The numbers that their weights take, rounded up to whole vectors.</summary>
    public int Length => AlignedArray.Padded(Count * _layout.Stride);

    /// <summary>The place of each value of the minibatch, row after row.</summary>
    public ReadOnlySpan<int> Places => new(Integers(_placesOfValues), _values);

    /// <summary>Takes out the features of a minibatch, and makes up for the steps that have left them out.</summary>
    /// <param name="window">The rows.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    public void TakeOut(RowWindow window, int start, int count)
    {
        // Memory takes as long to answer as some rows take to be taken out.
        const int RowsAhead = 3;
        var values = 0;
        for (var position = start; position < start + count; position++) values += window.EntryCount(position);
        Begin(values);
        for (var position = start; position < start + count; position++)
        {
            window.PrefetchEntries(position + 2 * RowsAhead);
            if (position + RowsAhead < window.Count)
                SparseProducts.Prefetch(window.Entries(position + RowsAhead), _records.Address, _recordLength, _recordLength);
            Take(window.Entries(position).Indices);
        }

        CatchUpTaken();
        if (_isScaled) Scale(isOutward: true);
    }

    /// <summary>A row whose features are the places where they are taken out.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">The values of the rows before.</param>
    public SparseRow InPlaces(SparseRow row, int values) => new(row.Values, Places.Slice(values, row.Indices.Length));

    /// <summary>Ends a step: keeps what has become of the weights that are taken out, and what it leaves out of all others.</summary>
    /// <param name="numbers">The numbers of the step, a model.</param>
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
        PutBack(_leftOut?.Count ?? 0);
    }

    /// <summary>Catches up with all weights.</summary>
    public void CatchUp()
    {
        if (_leftOut is not { Count: > 0 }) return;
        for (var start = 0; start < _layout.Features; start += _places)
        {
            TakeRange(start);
            CatchUpTaken();
            PutBack(mark: 0);
        }

        _leftOut.Clear();
    }

    /// <summary>The weights of a model, by output and then by feature.</summary>
    public float[] Weights(int model)
    {
        var weights = new float[_layout.Outputs * _layout.Features];
        if (_leftOut is not { Count: > 0 }) _layout.CopyWeights(model, _records, offset: 0, _recordLength, weights, outward: true);
        else
            for (var start = 0; start < _layout.Features; start += _places)
            {
                TakeRange(start);
                CatchUpTaken();
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

    /// <summary>Writes the weights and states of a model, as they are.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hasMomentum">Whether its momentum has begun.</param>
    /// <param name="writer">Receives them.</param>
    public void Save(int model, bool hasMomentum, BinaryWriter writer)
    {
        var saved = new SavedWeights(new float[_layout.Outputs * _layout.Features])
        {
            Scale = _scales[model],
            HasMomentum = hasMomentum,
        };
        _layout.CopyWeights(model, _records, offset: 0, _recordLength, saved.Weights, outward: true);
        for (var i = 0; i < _rule.States.Length; i++)
        {
            var state = saved.States[_rule.States[i]] = new float[saved.Weights.Length];
            _layout.CopyWeights(model, _records, (i + 1) * _layout.Stride, _recordLength, state, outward: true);
        }

        if (_leftOut is { Count: > 0 })
        {
            saved.UpToDate = new int[_layout.Features];
            for (var feature = 0; feature < saved.UpToDate.Length; feature++) saved.UpToDate[feature] = Mark(feature);
        }

        saved.Save(writer);
        if (saved.UpToDate.Length > 0) _leftOut!.Save(model, writer);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reader">Gives it.</param>
    /// <returns>Whether its momentum has begun.</returns>
    /// <exception cref="InvalidDataException">It is of another model.</exception>
    public bool Load(int model, BinaryReader reader)
    {
        var saved = SavedWeights.Load(reader, _layout.Outputs * _layout.Features, _layout.Features);
        Set(model, saved);
        if (saved.UpToDate.Length == 0) return saved.HasMomentum;
        if (_leftOut is null) throw new InvalidDataException("There must be no steps to catch up with here. Received: some");
        _leftOut.Load(model, reader, saved.UpToDate);
        for (var feature = 0; feature < _layout.Features; feature++) Mark(feature) = saved.UpToDate[feature];
        return saved.HasMomentum;
    }

    private void Set(int model, SavedWeights saved)
    {
        _scales[model] = saved.Scale;
        if (saved.Weights.Length > 0) _layout.CopyWeights(model, _records, offset: 0, _recordLength, saved.Weights, outward: false);
        for (var i = 0; i < _rule.States.Length; i++)
        {
            var first = (i + 1) * _layout.Stride;
            if (saved.States[_rule.States[i]] is { } state)
            {
                _layout.CopyWeights(model, _records, first, _recordLength, state, outward: false);
                continue;
            }

            var initial = _rule.States[i] == 0 ? (float)_models[model].Optimizer.InitialSquare : 0;
            for (var feature = 0; feature < _layout.Features; feature++)
                for (var output = 0; output < _layout.Outputs; output++)
                    _records.Elements[feature * _recordLength + first + _layout.ColumnOf(model, output)] = initial;
        }

        for (var feature = 0; feature < _layout.Features; feature++) Mark(feature) = 0;
        _leftOut?.Clear();
    }

    private ref int Mark(int feature) => ref *(int*)(Numbers(_records) + (nint)feature * _recordLength + _recordLength - 1);

    /// <summary>λ of the decay that all weights share: that of a step without memory, or one apart from the gradient.</summary>
    private double ScaledDecay(int model) =>
        _rule is { DecaysExactly: true, Carried: < 0 } ? _penalties[model].Decay : _penalties[model].DetachedDecay;

    /// <summary>Multiplies the scale of a model with what a step leaves of its weights.</summary>
    private void Decay(int model, double rate)
    {
        _scales[model] *= 1 - rate * ScaledDecay(model);
        if (SharedScale.IsFit(_scales[model])) return;
        // It has become too small, or too large: from now on it is in the weights.
        for (var output = 0; output < _layout.Outputs; output++)
        {
            var weight = Numbers(_records) + _layout.ColumnOf(model, output);
            for (var feature = 0; feature < _layout.Features; feature++) weight[(nint)feature * _recordLength] *= (float)_scales[model];
        }

        if (_shrinks) _leftOut!.Scale(model, Math.Abs(_scales[model]));
        _scales[model] = 1;
    }

    private void Begin(int values)
    {
        if (_leftOut is { IsFull: true }) CatchUp();
        (Count, _values) = (0, 0);
        if (values > _placesOfValues.Length || Math.Min(values, _layout.Features) > _places)
            Grow(values + values / 2, Math.Min(values + values / 2, Math.Max(_layout.Features, LeastPlaces)));
    }

    private void Grow(int values, int places)
    {
        _placesOfValues = new AlignedArray(Math.Max(values, _placesOfValues.Length));
        _places = Math.Max(places, _places);
        // Behind the last place another is written, and a vector may be read.
        (_features, _upToDate) = (new AlignedArray(_places + 1), new AlignedArray(_places + 1));
        _taken.Resize(_places, checked(AlignedArray.Padded(_places * _layout.Stride) + Lanes));
    }

    private void Take(ReadOnlySpan<int> features)
    {
        switch (_layout.IsVector ? _rule.States.Length : -1)
        {
            case 0:
                TakeVectors<NoState>(features);
                break;
            case 1:
                TakeVectors<OneState>(features);
                break;
            case 2:
                TakeVectors<TwoStates>(features);
                break;
            case 3:
                TakeVectors<ThreeStates>(features);
                break;
            default:
                TakeMatrices(features);
                break;
        }

        _values += features.Length;
    }

    /// <summary>Takes out features of one weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeVectors<TStates>(ReadOnlySpan<int> taken)
        where TStates : struct, IStateCount
    {
        float* records = Numbers(_records), weights = (float*)_taken.Weights;
        float* first = StateAt(0), second = StateAt(1), third = StateAt(2);
        int* features = Integers(_features), upToDate = Integers(_upToDate), places = Integers(_placesOfValues) + _values;
        var count = Count;
        // Without a branch, which would be mispredicted for as many values as meet features that others have met: the next place is
        // written in any case.
        for (var i = 0; i < taken.Length; i++)
        {
            var feature = taken[i];
            var record = records + ((nint)feature << TStates.RecordShift);
            var mark = (int*)(record + (1 << TStates.RecordShift) - 1);
            var known = *mark;
            features[count] = feature;
            upToDate[count] = known;
            weights[count] = record[0];
            if (TStates.Count > 0) first[count] = record[1];
            if (TStates.Count > 1) second[count] = record[2];
            if (TStates.Count > 2) third[count] = record[3];
            // All bits where it is taken out already.
            var isTaken = known >> 31;
            var place = count ^ (count ^ ~known) & isTaken;
            *mark = ~place;
            places[i] = place;
            count += isTaken + 1;
        }

        Count = count;
    }

    /// <summary>Takes out features of several weights.</summary>
    private void TakeMatrices(ReadOnlySpan<int> taken)
    {
        int* features = Integers(_features), upToDate = Integers(_upToDate), places = Integers(_placesOfValues) + _values;
        for (var i = 0; i < taken.Length; i++)
        {
            ref var mark = ref Mark(taken[i]);
            if (mark >= 0)
            {
                (features[Count], upToDate[Count]) = (taken[i], mark);
                mark = ~Count;
                Copy(taken[i], Count++, outward: true);
            }

            places[i] = ~mark;
        }
    }

    /// <summary>Takes out as many features as there are places for, without marking them.</summary>
    private void TakeRange(int start)
    {
        Count = 0;
        for (var feature = start; feature < Math.Min(start + _places, _layout.Features); feature++)
        {
            (Integers(_features)[Count], Integers(_upToDate)[Count]) = (feature, Mark(feature));
            Copy(feature, Count++, outward: true);
        }
    }

    /// <summary>Puts what is taken out back.</summary>
    private void PutBack(int mark)
    {
        switch (_layout.IsVector ? _rule.States.Length : -1)
        {
            case 0:
                PutBackVectors<NoState>(mark);
                break;
            case 1:
                PutBackVectors<OneState>(mark);
                break;
            case 2:
                PutBackVectors<TwoStates>(mark);
                break;
            case 3:
                PutBackVectors<ThreeStates>(mark);
                break;
            default:
                for (var place = 0; place < Count; place++)
                {
                    var feature = Integers(_features)[place];
                    Copy(feature, place, outward: false);
                    Mark(feature) = mark;
                }

                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PutBackVectors<TStates>(int mark)
        where TStates : struct, IStateCount
    {
        float* records = Numbers(_records), weights = (float*)_taken.Weights;
        float* first = StateAt(0), second = StateAt(1), third = StateAt(2);
        var features = Integers(_features);
        for (var (place, count) = (0, Count); place < count; place++)
        {
            var record = records + ((nint)features[place] << TStates.RecordShift);
            record[0] = weights[place];
            if (TStates.Count > 0) record[1] = first[place];
            if (TStates.Count > 1) record[2] = second[place];
            if (TStates.Count > 2) record[3] = third[place];
            *(int*)(record + (1 << TStates.RecordShift) - 1) = mark;
        }
    }

    /// <summary>Copies what belongs to a feature into a place, or out of it into the record.</summary>
    private void Copy(int feature, int place, bool outward)
    {
        var stride = _layout.Stride;
        var record = Numbers(_records) + (nint)feature * _recordLength;
        for (var i = 0; i <= _rule.States.Length; i++)
        {
            var own = new Span<float>((i == 0 ? (float*)_taken.Weights : StateAt(i - 1)) + (nint)place * stride, stride);
            var kept = new Span<float>(record + i * stride, stride);
            if (outward) kept.CopyTo(own);
            else own.CopyTo(kept);
        }
    }

    /// <summary>Makes weights of what is kept of those that are taken out, by the scale of each model; or the other way.</summary>
    private void Scale(bool isOutward)
    {
        for (var model = 0; model < _layout.Models; model++)
        {
            var scale = (float)(isOutward ? _scales[model] : 1 / _scales[model]);
            if (_layout.Models == 1) _scaleLanes.Elements.Fill(scale);
            else _scaleLanes.Elements[model] = scale;
        }

        var (lanes, weights) = (_layout.LaneLength, _taken.Weights);
        for (var i = 0; i < Length; i += Lanes)
            (Vector512.Load((float*)weights + i) * Vector512.Load(Numbers(_scaleLanes) + i % lanes)).Store((float*)weights + i);
    }

    /// <summary>Makes up for the steps that have left out what is taken out, but for what its scale makes up for.</summary>
    private void CatchUpTaken()
    {
        if (_leftOut is not { Count: > 0 }) return;
        if (_layout.IsVector)
        {
            CatchUpVectors();
            return;
        }

        for (var place = 0; place < Count; place++)
            if (Integers(_upToDate)[place] is var steps && steps != _leftOut.Count)
                for (var model = 0; model < _layout.Models; model++)
                    CatchUp(place, model, steps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CatchUpVectors()
    {
        var (steps, now) = (_leftOut!, _leftOut!.Count);
        var upToDate = Integers(_upToDate);
        var weights = (float*)_taken.Weights;
        if (_rule.Carried >= 0)
        {
            var carried = (float*)_taken.State(_rule.Carried);
            for (var (place, count) = (0, Count); place < count; place++)
                steps.CarryOn(0, upToDate[place], ref weights[place], ref carried[place]);
        }

        foreach (var fading in _rule.Fading)
        {
            var state = (float*)_taken.State(fading);
            for (var (place, count) = (0, Count); place < count; place++)
                state[place] = CarryBeyondOne.Faded(state[place] * _powers!.Of(0, now - upToDate[place]));
        }

        for (var (place, count) = (0, _shrinks ? Count : 0); place < count; place++)
            weights[place] = Proximal.Shrink(weights[place], steps.Threshold(0, upToDate[place]));
    }

    private void CatchUp(int place, int model, int steps)
    {
        var (first, step) = (place * _layout.Stride + _layout.ColumnOf(model, 0), _layout.PaddedModels);
        var end = first + _layout.Outputs * step;
        var weights = (float*)_taken.Weights;
        if (_rule.Carried >= 0)
        {
            var carried = (float*)_taken.State(_rule.Carried);
            for (var i = first; i < end; i += step) _leftOut!.CarryOn(model, steps, ref weights[i], ref carried[i]);
        }

        foreach (var fading in _rule.Fading)
        {
            var state = (float*)_taken.State(fading);
            var power = _powers!.Of(model, _leftOut!.Count - steps);
            for (var i = first; i < end; i += step) state[i] = CarryBeyondOne.Faded(state[i] * power);
        }

        if (!_shrinks) return;
        var threshold = _leftOut!.Threshold(model, steps);
        for (var i = first; i < end; i += step) weights[i] = Proximal.Shrink(weights[i], threshold);
    }

    // Where the numbers of a state are that is kept.
    private float* StateAt(int i) => i < _rule.States.Length ? (float*)_taken.State(_rule.States[i]) : null;

    private static float* Numbers(AlignedArray array) => (float*)array.Address;

    private static int* Integers(AlignedArray array) => (int*)array.Address;

    /// <summary>How many states there are, and how long that makes a record of one weight: loops have it as a constant.</summary>
    private interface IStateCount
    {
        static abstract int Count { get; }

        /// <summary>The logarithm of the length.</summary>
        static abstract int RecordShift { get; }
    }

    private readonly struct NoState : IStateCount
    {
        public static int Count => 0;

        public static int RecordShift => 1;
    }

    private readonly struct OneState : IStateCount
    {
        public static int Count => 1;

        public static int RecordShift => 2;
    }

    private readonly struct TwoStates : IStateCount
    {
        public static int Count => 2;

        public static int RecordShift => 2;
    }

    private readonly struct ThreeStates : IStateCount
    {
        public static int Count => 3;

        public static int RecordShift => 3;
    }
}
