using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// The skipped steps since all weights were last up to date. A step skips a weight if no row of its minibatch has a value for its feature.
/// The effect of skipped steps is stored once for all weights of a model: the L1 shrinkage, and the linear map of a weight and its carried
/// state. A weight therefore only needs the number of steps after which it was last up to date.
/// </summary>
internal sealed unsafe class LeftOutSteps
{
    // Updating all weights takes a few nanoseconds for each. The capacity is large enough that this takes little time compared with the
    // steps, and small enough that the data here is small compared with the weights.
    private const int FeaturesPerStep = 16;
    private const int LeastSteps = 1 << 12;
    private const int MostSteps = 1 << 20;

    // Steps are composed one by one within a block of this length, and then block by block.
    private const int BlockShift = 7;
    private const int BlockSteps = 1 << BlockShift;

    private readonly int _models;
    private readonly double[] _thresholds = [];
    // The maps from each step to the end of its block, or to the current step; and from the end of each block to the start of the current
    // block.
    private readonly CarryTable? _toEnd;
    private readonly Carry[] _fromEnd = [];
    // The maps from the end of each block to the current step, and the step at which each was computed.
    private readonly CarryBeyondOne[] _endToNow = [];
    private readonly int[] _endToNowAt = [];
    // Whether all maps satisfy OnlyMoves. Half of the coefficients are then zero.
    private bool _onlyMove;

    /// <param name="models">The number of models.</param>
    /// <param name="features">The number of features.</param>
    /// <param name="shrinks">Whether there is an L1 penalty λ · ‖w‖₁.</param>
    /// <param name="carries">Whether each weight has a carried state.</param>
    public LeftOutSteps(int models, int features, bool shrinks, bool carries)
    {
        (_models, Capacity) = (models, Math.Clamp(features / FeaturesPerStep, LeastSteps, MostSteps) / BlockSteps * BlockSteps);
        if (shrinks) _thresholds = new double[checked((Capacity + 1) * models)];
        if (carries)
        {
            _toEnd = new CarryTable(checked((Capacity + 1) * models));
            _fromEnd = new Carry[(Capacity / BlockSteps + 1) * models];
            (_endToNow, _endToNowAt) = (new CarryBeyondOne[_fromEnd.Length], new int[_fromEnd.Length]);
        }

        Clear();
    }

    /// <summary>The number of steps. A weight that is up to date has this number.</summary>
    public int Count { get; private set; }

    /// <summary>The maximum number of steps.</summary>
    public int Capacity { get; }

    /// <summary>Whether no more steps can be added. All weights must then be brought up to date.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>Returns the L1 shrinkage of a weight that was last up to date after <paramref name="steps"/> steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Threshold(int model, int steps) =>
        (float)(_thresholds[Count * _models + model] - _thresholds[steps * _models + model]);

    /// <summary>Applies the L1 shrinkage to weights of one model, and marks them as up to date.</summary>
    /// <param name="features">The features.</param>
    /// <param name="weights">
    /// Pairs for all features: the weight, and as an integer the number of steps after which it was last up to date.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Shrink(ReadOnlySpan<int> features, float* weights)
    {
        var (count, now) = (Count, _thresholds[Count]);
        fixed (double* thresholds = _thresholds)
        {
            for (var i = 0; i < features.Length; i++)
            {
                var weight = weights + ((nint)features[i] << 1);
                var steps = (int*)(weight + 1);
                *weight = Proximal.Shrink(*weight, (float)(now - thresholds[*steps]));
                *steps = count;
            }
        }
    }

    /// <summary>Brings a weight and its carried state up to date.</summary>
    /// <param name="model">The model.</param>
    /// <param name="steps">The number of steps after which they were last up to date.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="carried">The carried state.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CarryOn(int model, int steps, ref float weight, ref float carried)
    {
        var i = (steps >> BlockShift) * _models + model;
        if (_endToNowAt[i] < Count) Refresh(i, model);
        var (w, v) = ((double)weight, (double)carried);
        _toEnd![steps * _models + model].Apply(ref w, ref v);
        _endToNow[i].Apply(ref w, ref v);
        (weight, carried) = ((float)w, CarryBeyondOne.Faded(v));
    }

    /// <summary>Brings the weights of one model and their carried states up to date.</summary>
    /// <param name="upToDate">For each weight, the number of steps after which it was last up to date.</param>
    /// <param name="weights">The first weight.</param>
    /// <param name="carried">The first carried state.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CarryOn(ReadOnlySpan<int> upToDate, float* weights, float* carried)
    {
        foreach (var steps in upToDate)
            if (_endToNowAt[steps >> BlockShift] < Count) Refresh(steps >> BlockShift, 0);

        var (onlyMove, isWeight) = (_onlyMove, Vector128.Create(-1L, 0).AsDouble());
        float* ofWeight = _toEnd!.OfWeight, ofCarried = _toEnd.OfCarried;
        fixed (CarryBeyondOne* endToNow = _endToNow)
        {
            for (var place = 0; place < upToDate.Length; place++)
            {
                var steps = (nint)upToDate[place];
                var now = endToNow[steps >> BlockShift].Numbers;
                // The weight and its carried state as one vector.
                Vector128<double> w = Wide.Of(weights[place]), v = Wide.Of(carried[place]);
                if (onlyMove)
                {
                    // The same formula, without the products that are zero.
                    w = (w & isWeight) + Wide.OfPair(ofCarried + 2 * steps) * First(v);
                    w = (w & isWeight) + Vector128.WidenLower(Vector128.Shuffle(now, Vector128.Create(1, 3, 1, 3))) * Second(w);
                }
                else
                {
                    w = (w & isWeight) + (Wide.OfPair(ofWeight + 2 * steps) * First(w) + Wide.OfPair(ofCarried + 2 * steps) * First(v));
                    w = (w & isWeight) + (Vector128.WidenLower(Vector128.Shuffle(now, Vector128.Create(0, 2, 0, 2))) * First(w)
                        + Vector128.WidenLower(Vector128.Shuffle(now, Vector128.Create(1, 3, 1, 3))) * Second(w));
                }

                w = Vector128.ConditionalSelect(isWeight, w, CarryBeyondOne.WithoutFaded(w));
                var both = Vector128.Narrow(w, w);
                (weights[place], carried[place]) = (both.ToScalar(), both.GetElement(1));
            }
        }
    }

    /// <summary>Adds a step without any effect yet. <see cref="AddThreshold"/> and <see cref="AddCarry"/> then set its effect.</summary>
    public void Add()
    {
        if (_thresholds.Length > 0) _thresholds.AsSpan(Count * _models, _models).CopyTo(_thresholds.AsSpan((Count + 1) * _models));
        Count++;
        SetUpToDate();
    }

    /// <summary>Adds the L1 shrinkage of the last step for a model.</summary>
    public void AddThreshold(int model, double threshold) => _thresholds[Count * _models + model] += threshold;

    /// <summary>Adds the linear map of the last step for a model.</summary>
    public void AddCarry(int model, in Carry carry)
    {
        var (step, first) = (new CarryBeyondOne(carry), Count - 1 >> BlockShift << BlockShift);
        if (_onlyMove && !step.OnlyMoves)
        {
            _onlyMove = false;
            Array.Fill(_endToNowAt, -1);
        }

        if (_models == 1) _toEnd!.Compose(step, first, Count, _onlyMove);
        else
            for (var i = first * _models + model; i < Count * _models; i += _models) _toEnd![i] = step.After(_toEnd[i]);
        if ((Count & BlockSteps - 1) != 0) return;
        var (ended, whole) = (first >> BlockShift, _toEnd![first * _models + model].ToCarry());
        for (var i = model; i < ended * _models; i += _models)
        {
            _fromEnd[i] = whole.After(_fromEnd[i]);
            if (_onlyMove && CarryBeyondOne.IsNothing(_fromEnd[i].CarriedOfCarried))
                _fromEnd[i] = _fromEnd[i] with { CarriedOfCarried = 0 };
        }

        _fromEnd[ended * _models + model] = Carry.Identity;
    }

    /// <summary>Multiplies the L1 shrinkage of a model, because the scale of its stored weights has changed.</summary>
    public void Scale(int model, double factor)
    {
        for (var i = model; i <= Count * _models + model; i += _models) _thresholds[i] *= factor;
    }

    /// <summary>Removes all steps, after all weights have been brought up to date.</summary>
    public void Clear()
    {
        Count = 0;
        _onlyMove = true;
        _thresholds.AsSpan(0, Math.Min(_models, _thresholds.Length)).Clear();
        SetUpToDate();
        Array.Fill(_endToNowAt, -1);
    }

    /// <summary>Removes all steps of a model whose weights are up to date. The other models must then be loaded too.</summary>
    public void Clear(int model)
    {
        Count = 0;
        if (_thresholds.Length > 0) _thresholds[model] = 0;
        if (_toEnd is not null) _toEnd[model] = CarryBeyondOne.Identity;
        Array.Fill(_endToNowAt, -1);
    }

    /// <summary>Writes the steps of a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(Count);
        for (var i = model; i <= Count * _models + model && i < _thresholds.Length; i += _models) writer.Write(_thresholds[i]);
        for (var i = model; i <= Count * _models + model && _toEnd is not null; i += _models) _toEnd[i].Write(writer);
        for (var i = model; i < (Count >> BlockShift) * _models && i < _fromEnd.Length; i += _models) _fromEnd[i].Write(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reader">The reader.</param>
    /// <param name="upToDate">For each feature, the number of steps after which it was last up to date.</param>
    /// <exception cref="InvalidDataException">There are too many steps, or a feature's number of steps is out of range.</exception>
    public void Load(int model, BinaryReader reader, ReadOnlySpan<int> upToDate)
    {
        Count = reader.ReadInt32();
        if (Count < 0 || Count > Capacity)
            throw new InvalidDataException($"There must be at most {Capacity} steps to catch up with. Received: {Count}");
        foreach (var steps in upToDate)
            if ((uint)steps > (uint)Count)
                throw new InvalidDataException($"A feature must be up to date after 0 to {Count} steps. Received: {steps}");
        for (var i = model; i <= Count * _models + model && i < _thresholds.Length; i += _models) _thresholds[i] = reader.ReadDouble();
        for (var i = model; i <= Count * _models + model && _toEnd is not null; i += _models)
        {
            _toEnd[i] = CarryBeyondOne.Read(reader);
            _onlyMove &= _toEnd[i].OnlyMoves;
        }

        for (var i = model; i < (Count >> BlockShift) * _models && i < _fromEnd.Length; i += _models) _fromEnd[i] = Carry.Read(reader);
        Array.Fill(_endToNowAt, -1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> First(Vector128<double> pair) => Vector128.Shuffle(pair, Vector128.Create(0L, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Second(Vector128<double> pair) => Vector128.Shuffle(pair, Vector128.Create(1L, 1));

    // The map from the current step to itself is the identity.
    private void SetUpToDate()
    {
        for (var model = 0; model < _models && _toEnd is not null; model++) _toEnd[Count * _models + model] = CarryBeyondOne.Identity;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refresh(int i, int model)
    {
        // The maps within the current block already lead to the current step.
        var (block, current) = (i / _models, Count >> BlockShift);
        _endToNow[i] = block == current
            ? CarryBeyondOne.Identity : new CarryBeyondOne(_toEnd![(current << BlockShift) * _models + model].ToCarry().After(_fromEnd[i]));
        // The carried state has decayed to zero, so later steps change nothing, and the map never has to be computed again.
        _endToNowAt[i] = _onlyMove && block != current && _fromEnd[i].CarriedOfCarried == 0 ? int.MaxValue : Count;
    }
}
