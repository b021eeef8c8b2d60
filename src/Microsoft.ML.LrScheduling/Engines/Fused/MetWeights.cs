using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// The weights of all features of sparse rows, with what the optimizer remembers of them; and those that a minibatch meets, taken out and
/// put side by side as if there were no others: a small dense problem, to which any optimizer's formula applies.
/// </summary>
/// <remarks>
/// What belongs to a feature stands together, so that memory is asked once for it: its weights, as many numbers of each state, and a mark.
/// The mark says after how many steps the feature was last up to date (see <see cref="LeftOutSteps"/>), and of a feature that is taken
/// out, in which place it is.
/// </remarks>
internal sealed class MetWeights
{
    private const int Lanes = AlignedArray.Lanes;
    private const int LeastPlaces = 256;

    private readonly FusedLayout _layout;
    private readonly SparseRule _rule;
    private readonly LeftOutSteps? _leftOut;
    private readonly FadingPowers? _powers;
    private readonly bool _isScaled;
    private readonly AlignedArray _records;
    private readonly int _recordLength;
    private readonly AlignedArray _scaleLanes;

    // Of each place the feature that is in it, and after how many steps it was up to date; of each value of the minibatch its place.
    private int[] _features = [];
    private int[] _upToDate = [];
    private int[] _placesOfValues = [];
    private int _values;
    // What the steps that are to be caught up with did to each number.
    private AlignedArray[] _carries = [];
    private AlignedArray? _fading;
    private AlignedArray? _thresholds;

    /// <param name="problem">What to train.</param>
    /// <param name="layout">Where weights stand.</param>
    /// <param name="hasMomentum">Whether the optimizers, or a schedule, give them a momentum.</param>
    /// <exception cref="InvalidOperationException">There are more numbers than an array can hold.</exception>
    public MetWeights(LinearProblem problem, FusedLayout layout, bool hasMomentum)
    {
        _layout = layout;
        _rule = SparseRule.Of(problem.Models[0].Optimizer, hasMomentum);
        Group = FusedGroup.OfWeights(problem, layout);
        var (shrinks, carries) = (Group.Shrinks, _rule.Carried >= 0);
        if (shrinks || carries || _rule.Fading.Length > 0)
            _leftOut = new LeftOutSteps(layout.Models, layout.Features, shrinks, carries);
        if (_rule.Fading.Length > 0)
            _powers = new FadingPowers([.. problem.Models.Select(own => FusedOptimizer.SquareKeepOf(own.Optimizer))], _leftOut!.Capacity);
        _isScaled = Enumerable.Range(0, layout.Models).Any(model => ScaledDecay(model) != 0);
        Scales = new double[layout.Models];
        Array.Fill(Scales, 1);
        _scaleLanes = new AlignedArray(layout.LaneLength);
        var numbers = checked((1 + _rule.States.Length) * layout.Stride + 1);
        _recordLength = numbers <= Lanes ? (int)BitOperations.RoundUpToPowerOf2((uint)numbers) : AlignedArray.Padded(numbers);
        ModelSize.Check(
            layout.Features, layout.Outputs, layout.Models, (long)layout.Features * _recordLength, FusedLayout.LongestWeights, "fused");
        _records = new AlignedArray(layout.Features * _recordLength);
        Grow(LeastPlaces, LeastPlaces);
    }

    /// <summary>The weights that are taken out, side by side, with their states.</summary>
    public FusedGroup Group { get; }

    /// <summary>The gradients of the weights that are taken out.</summary>
    public AlignedArray Gradient { get; private set; } = new(0);

    /// <summary>How many features are taken out.</summary>
    public int Count { get; private set; }

    /// <summary>The numbers that their weights take, rounded up to whole vectors.</summary>
    public int Length => AlignedArray.Padded(Count * _layout.Stride);

    /// <summary>What the weights that are kept are multiplied with, a model.</summary>
    public double[] Scales { get; }

    private ref float First => ref _records.First;

    /// <summary>Begins a minibatch.</summary>
    /// <param name="values">The values of all its rows.</param>
    public void Begin(int values)
    {
        if (_leftOut is { IsFull: true }) CatchUpAll();
        (Count, _values) = (0, 0);
        if (values > _placesOfValues.Length || Math.Min(values, _layout.Features) > _features.Length)
            Grow(values + values / 2, Math.Min(values + values / 2, Math.Max(_layout.Features, LeastPlaces)));
    }

    /// <summary>Takes out the features of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(SparseRow row)
    {
        ref var place = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_placesOfValues), _values);
        _values += row.Indices.Length;
        var (length, isVector) = (_recordLength, _layout.IsVector);
        ref var first = ref First;
        for (var i = 0; i < row.Indices.Length; i++)
        {
            var feature = row.Indices[i];
            ref var record = ref Unsafe.Add(ref first, (nint)feature * length);
            ref var mark = ref Unsafe.As<float, int>(ref Unsafe.Add(ref record, length - 1));
            if (mark >= 0)
            {
                (_features[Count], _upToDate[Count]) = (feature, mark);
                mark = ~Count;
                if (isVector) TakeVector(ref record);
                else TakeMatrix(ref record);
                Count++;
            }

            Unsafe.Add(ref place, i) = ~mark;
        }
    }

    /// <summary>A row whose features are the places where they are taken out.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">The values of the rows before.</param>
    public SparseRow InPlaces(SparseRow row, int values) => new(row.Values, _placesOfValues.AsSpan(values, row.Indices.Length));

    /// <summary>Asks memory for the features of a row.</summary>
    public void Prefetch(SparseRow row) => SparseProducts.Prefetch(row, _records.Address, _recordLength, _recordLength);

    /// <summary>Makes up for the steps that have left out what is taken out.</summary>
    public void CatchUp()
    {
        CatchUpTaken();
        if (_isScaled) Scale(scale => scale);
    }

    /// <summary>Multiplies the scale of each model with what a step leaves of its weights.</summary>
    public void Decay()
    {
        for (var model = 0; _isScaled && model < _layout.Models; model++)
        {
            var scale = Scales[model] * (1 - Group.Rates[model] * ScaledDecay(model));
            Scales[model] = SharedScale.IsFit(scale) ? scale : Fold(model, scale);
        }
    }

    /// <summary>Ends a step: keeps what has become of the weights that are taken out, and what it leaves out of all others.</summary>
    /// <param name="optimizer">The optimizer.</param>
    public void End(FusedOptimizer optimizer)
    {
        _leftOut?.Add();
        for (var model = 0; model < _layout.Models; model++)
        {
            if (Group.Shrinks) _leftOut!.AddThreshold(model, Group.Rates[model] * Group.Settings[model].L1 / Math.Abs(Scales[model]));
            if (_rule.Carried >= 0) _leftOut!.AddCarry(model, optimizer.CarryOf(model));
        }

        if (_isScaled) Scale(scale => 1 / scale);
        GiveBack(_leftOut?.Count ?? 0);
    }

    /// <summary>Catches up with all weights.</summary>
    public void CatchUpAll()
    {
        if (_leftOut is not { Count: > 0 }) return;
        for (var start = 0; start < _layout.Features; start += _features.Length)
        {
            TakeRange(start);
            CatchUpTaken();
            GiveBack(mark: 0);
        }

        _leftOut.Clear();
    }

    /// <summary>Sets all weights and states of a model to what they begin with.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">The weights, by output and then by feature.</param>
    /// <param name="optimizer">The optimizer.</param>
    public void Set(int model, float[] weights, FusedOptimizer optimizer) =>
        Set(model, new SavedWeights(weights), optimizer);

    /// <summary>The weights of a model, by output and then by feature.</summary>
    public float[] Weights(int model)
    {
        var weights = new float[_layout.Outputs * _layout.Features];
        if (_leftOut is not { Count: > 0 }) _layout.CopyWeights(model, _records, offset: 0, _recordLength, weights, outward: true);
        else
            for (var start = 0; start < _layout.Features; start += _features.Length)
            {
                TakeRange(start);
                CatchUpTaken();
                for (var output = 0; output < _layout.Outputs; output++)
                {
                    ref var own = ref Unsafe.Add(ref Group.Values.First, _layout.ColumnOf(model, output));
                    var target = weights.AsSpan(output * _layout.Features + start, Count);
                    for (var i = 0; i < target.Length; i++) target[i] = Unsafe.Add(ref own, (nint)i * _layout.Stride);
                }
            }

        if (!_isScaled) return weights;
        var scale = (float)Scales[model];
        foreach (ref var weight in weights.AsSpan()) weight *= scale;
        return weights;
    }

    /// <summary>Writes the weights and states of a model, as they are.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        var saved = new SavedWeights(new float[_layout.Outputs * _layout.Features])
        {
            Scale = Scales[model],
            HasMomentum = Group.HasMomentum[model],
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
    /// <exception cref="InvalidDataException">It is of another model.</exception>
    public void Load(int model, BinaryReader reader, FusedOptimizer optimizer)
    {
        var saved = SavedWeights.Load(reader, _layout.Outputs * _layout.Features, _layout.Features);
        Set(model, saved, optimizer);
        if (saved.UpToDate.Length == 0) return;
        if (_leftOut is null) throw new InvalidDataException("There must be no steps to catch up with here. Received: some");
        _leftOut.Load(model, reader);
        for (var feature = 0; feature < _layout.Features; feature++) Mark(feature) = saved.UpToDate[feature];
    }

    private void Set(int model, SavedWeights saved, FusedOptimizer optimizer)
    {
        (Scales[model], Group.HasMomentum[model]) = (saved.Scale, saved.HasMomentum);
        _layout.CopyWeights(model, _records, offset: 0, _recordLength, saved.Weights, outward: false);
        for (var i = 0; i < _rule.States.Length; i++)
        {
            var state = saved.States[_rule.States[i]];
            if (state is null) Array.Fill(state = new float[saved.Weights.Length], optimizer.InitialState(model, _rule.States[i]));
            _layout.CopyWeights(model, _records, (i + 1) * _layout.Stride, _recordLength, state, outward: false);
        }

        for (var feature = 0; feature < _layout.Features; feature++) Mark(feature) = 0;
        _leftOut?.Clear();
    }

    private ref int Mark(int feature) =>
        ref Unsafe.As<float, int>(ref Unsafe.Add(ref First, (nint)feature * _recordLength + _recordLength - 1));

    /// <summary>λ of the decay that all weights share: that of a step without memory, or one apart from the gradient.</summary>
    private double ScaledDecay(int model) =>
        _rule is { DecaysExactly: true, Carried: < 0 } ? Group.Settings[model].Decay : Group.Settings[model].DetachedDecay;

    /// <summary>Multiplies all weights of a model with a scale that has become too small or too large; returns the new one.</summary>
    private double Fold(int model, double scale)
    {
        for (var output = 0; output < _layout.Outputs; output++)
        {
            ref var weight = ref Unsafe.Add(ref First, _layout.ColumnOf(model, output));
            for (var feature = 0; feature < _layout.Features; feature++) Unsafe.Add(ref weight, (nint)feature * _recordLength) *= (float)scale;
        }

        if (Group.Shrinks) _leftOut!.Scale(model, Math.Abs(scale));
        return 1;
    }

    private void Grow(int values, int places)
    {
        Array.Resize(ref _placesOfValues, Math.Max(values, _placesOfValues.Length));
        places = Math.Max(places, _features.Length);
        (_features, _upToDate) = (new int[places], new int[places]);
        // Behind the last place a vector may be read.
        var length = checked(AlignedArray.Padded(places * _layout.Stride) + Lanes);
        Group.Resize(length);
        Gradient = new AlignedArray(length);
        if (_rule.Carried >= 0) _carries = [.. Enumerable.Range(0, 4).Select(_ => new AlignedArray(length))];
        if (_rule.Fading.Length > 0) _fading = new AlignedArray(length);
        if (Group.Shrinks) _thresholds = new AlignedArray(length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeVector(ref float record)
    {
        Unsafe.Add(ref Group.Values.First, Count) = record;
        for (var i = 0; i < _rule.States.Length; i++)
            Unsafe.Add(ref Group.State(_rule.States[i]).First, Count) = Unsafe.Add(ref record, i + 1);
    }

    private void TakeMatrix(ref float record)
    {
        var stride = _layout.Stride;
        MemoryMarshal.CreateReadOnlySpan(ref record, stride).CopyTo(Group.Values.Elements[(Count * stride)..]);
        for (var i = 0; i < _rule.States.Length; i++)
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref record, (i + 1) * stride), stride)
                .CopyTo(Group.State(_rule.States[i]).Elements[(Count * stride)..]);
    }

    /// <summary>Takes out as many features as there are places for, without marking them.</summary>
    private void TakeRange(int start)
    {
        Count = 0;
        for (var feature = start; feature < Math.Min(start + _features.Length, _layout.Features); feature++)
        {
            (_features[Count], _upToDate[Count]) = (feature, Mark(feature));
            TakeMatrix(ref Unsafe.Add(ref First, (nint)feature * _recordLength));
            Count++;
        }
    }

    /// <summary>Puts what is taken out back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GiveBack(int mark)
    {
        var (stride, length) = (_layout.Stride, _recordLength);
        for (var place = 0; place < Count; place++)
        {
            ref var record = ref Unsafe.Add(ref First, (nint)_features[place] * length);
            if (stride == 1)
            {
                record = Unsafe.Add(ref Group.Values.First, place);
                for (var i = 0; i < _rule.States.Length; i++)
                    Unsafe.Add(ref record, i + 1) = Unsafe.Add(ref Group.State(_rule.States[i]).First, place);
            }
            else
            {
                Group.Values.Elements.Slice(place * stride, stride).CopyTo(MemoryMarshal.CreateSpan(ref record, stride));
                for (var i = 0; i < _rule.States.Length; i++)
                    Group.State(_rule.States[i]).Elements.Slice(place * stride, stride)
                        .CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref record, (i + 1) * stride), stride));
            }

            Unsafe.As<float, int>(ref Unsafe.Add(ref record, length - 1)) = mark;
        }
    }

    /// <summary>Multiplies the weights that are taken out with what follows from the scale of each model.</summary>
    private void Scale(Func<double, double> factor)
    {
        if (_layout.Models == 1) _scaleLanes.Elements.Fill((float)factor(Scales[0]));
        else
            for (var model = 0; model < _layout.Models; model++) _scaleLanes.Elements[model] = (float)factor(Scales[model]);
        var lanes = (nuint)_layout.LaneLength;
        for (nuint i = 0; i < (nuint)Length; i += Lanes)
            (Vector512.LoadUnsafe(ref Group.Values.First, i) * Vector512.LoadUnsafe(ref _scaleLanes.First, i % lanes))
                .StoreUnsafe(ref Group.Values.First, i);
    }

    private void CatchUpTaken()
    {
        if (_leftOut is not { Count: > 0 }) return;
        for (var place = 0; place < Count; place++) Expand(place);
        for (nuint i = 0; i < (nuint)Length; i += Lanes) CatchUpAt(i);
    }

    /// <summary>Writes for each number of a place what the steps that left it out did to it.</summary>
    private void Expand(int place)
    {
        var (start, steps) = (place * _layout.Stride, _upToDate[place]);
        for (var model = 0; model < _layout.Models; model++)
        {
            var carry = _rule.Carried >= 0 ? _leftOut!.CarryFrom(model, steps) : default;
            var fading = _powers?.Of(model, _leftOut!.Count - steps) ?? 1;
            var threshold = Group.Shrinks ? _leftOut!.Threshold(model, steps) : 0;
            for (var output = 0; output < _layout.Outputs; output++)
            {
                var i = start + _layout.ColumnOf(model, output);
                if (_carries.Length > 0)
                {
                    _carries[0].Elements[i] = carry.WeightOfWeight;
                    _carries[1].Elements[i] = carry.WeightOfCarried;
                    _carries[2].Elements[i] = carry.CarriedOfWeight;
                    _carries[3].Elements[i] = carry.CarriedOfCarried;
                }

                if (_fading is not null) _fading.Elements[i] = fading;
                if (_thresholds is not null) _thresholds.Elements[i] = threshold;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CatchUpAt(nuint i)
    {
        var weight = Vector512.LoadUnsafe(ref Group.Values.First, i);
        if (_carries.Length > 0)
        {
            ref var state = ref Group.State(_rule.Carried).First;
            var carried = Vector512.LoadUnsafe(ref state, i);
            (weight * Vector512.LoadUnsafe(ref _carries[2].First, i) + carried * Vector512.LoadUnsafe(ref _carries[3].First, i))
                .StoreUnsafe(ref state, i);
            weight += weight * Vector512.LoadUnsafe(ref _carries[0].First, i) + carried * Vector512.LoadUnsafe(ref _carries[1].First, i);
        }

        foreach (var fading in _rule.Fading)
        {
            ref var state = ref Group.State(fading).First;
            (Vector512.LoadUnsafe(ref state, i) * Vector512.LoadUnsafe(ref _fading!.First, i)).StoreUnsafe(ref state, i);
        }

        if (_thresholds is not null) weight = Proximal.Shrink(weight, Vector512.LoadUnsafe(ref _thresholds.First, i));
        weight.StoreUnsafe(ref Group.Values.First, i);
    }
}
