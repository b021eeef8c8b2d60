using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// What steps did to weights that none of their rows had a value for, since all weights were last caught up with: by how much the penalty
/// λ · ‖w‖₁ has brought them nearer to zero, and where what is carried with them has moved them, model by model. A weight that knows after
/// how many steps it was last up to date needs no more.
/// </summary>
internal sealed unsafe class LeftOutSteps
{
    // Catching up with all weights takes some nanoseconds for each; so often that it counts for little beside the steps, and so rarely
    // that what is kept here is small beside the weights.
    private const int FeaturesPerStep = 16;
    private const int LeastSteps = 1 << 12;
    private const int MostSteps = 1 << 20;

    // So many steps are composed one by one, and then as a block.
    private const int BlockShift = 7;
    private const int BlockSteps = 1 << BlockShift;

    private readonly int _models;
    private readonly double[] _thresholds = [];
    // From each step to the end of its block, or to now; from the end of each block to the beginning of the one that is not full.
    private readonly CarryTable? _toEnd;
    private readonly Carry[] _fromEnd = [];
    // From the end of each block to now, and when that was.
    private readonly CarryBeyondOne[] _endToNow = [];
    private readonly int[] _endToNowAt = [];
    // Whether each map only moves weights by what is carried: half of each is zero then.
    private bool _onlyMove;

    /// <param name="models">The models.</param>
    /// <param name="features">The features.</param>
    /// <param name="shrinks">Whether there is a penalty λ · ‖w‖₁.</param>
    /// <param name="carries">Whether something is carried with each weight.</param>
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

    /// <summary>How many steps there are; what is up to date is so after as many.</summary>
    public int Count { get; private set; }

    /// <summary>How many there can be.</summary>
    public int Capacity { get; }

    /// <summary>Whether no more steps can be added: then all weights are to be caught up with.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>By how much a weight has come nearer to zero that was up to date after some steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Threshold(int model, int steps) =>
        (float)(_thresholds[Count * _models + model] - _thresholds[steps * _models + model]);

    /// <summary>Brings weights of one model up to date.</summary>
    /// <param name="features">Which.</param>
    /// <param name="weights">A weight a feature, and behind each after how many steps it was up to date, as an integer.</param>
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

    /// <summary>Brings a weight, and what is carried with it, up to date.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="steps">After how many steps they were up to date.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="carried">What is carried.</param>
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

    /// <summary>Brings weights of one model, and what is carried with each, up to date.</summary>
    /// <param name="upToDate">After how many steps each was up to date.</param>
    /// <param name="weights">The first weight.</param>
    /// <param name="carried">What is carried with it.</param>
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
                // The weight and what is carried, side by side.
                Vector128<double> w = Wide.Of(weights[place]), v = Wide.Of(carried[place]);
                if (onlyMove)
                {
                    // The same products, without those that are zero.
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

    /// <summary>Adds a step, which leaves weights as they are but for what is said of it next.</summary>
    public void Add()
    {
        if (_thresholds.Length > 0) _thresholds.AsSpan(Count * _models, _models).CopyTo(_thresholds.AsSpan((Count + 1) * _models));
        Count++;
        SetUpToDate();
    }

    /// <summary>Adds to what the last step did to the weights of a model.</summary>
    public void AddThreshold(int model, double threshold) => _thresholds[Count * _models + model] += threshold;

    /// <summary>Adds where the last step moved the weights of a model.</summary>
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

    /// <summary>Multiplies what the steps took off the weights of a model, whose scale has changed.</summary>
    public void Scale(int model, double factor)
    {
        for (var i = model; i <= Count * _models + model; i += _models) _thresholds[i] *= factor;
    }

    /// <summary>All weights have been caught up with.</summary>
    public void Clear()
    {
        Count = 0;
        _onlyMove = true;
        _thresholds.AsSpan(0, Math.Min(_models, _thresholds.Length)).Clear();
        SetUpToDate();
        Array.Fill(_endToNowAt, -1);
    }

    /// <summary>The weights of a model are up to date, and those of all others are to be loaded.</summary>
    public void Clear(int model)
    {
        Count = 0;
        if (_thresholds.Length > 0) _thresholds[model] = 0;
        if (_toEnd is not null) _toEnd[model] = CarryBeyondOne.Identity;
        Array.Fill(_endToNowAt, -1);
    }

    /// <summary>Writes the steps, of a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(Count);
        for (var i = model; i <= Count * _models + model && i < _thresholds.Length; i += _models) writer.Write(_thresholds[i]);
        for (var i = model; i <= Count * _models + model && _toEnd is not null; i += _models) _toEnd[i].Write(writer);
        for (var i = model; i < (Count >> BlockShift) * _models && i < _fromEnd.Length; i += _models) _fromEnd[i].Write(writer);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reader">Gives it.</param>
    /// <param name="upToDate">After how many of the steps each feature is up to date.</param>
    /// <exception cref="InvalidDataException">There are more steps than there can be.</exception>
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

    // What is up to date now has nothing to catch up with.
    private void SetUpToDate()
    {
        for (var model = 0; model < _models && _toEnd is not null; model++) _toEnd[Count * _models + model] = CarryBeyondOne.Identity;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refresh(int i, int model)
    {
        // The block that is not full goes to now by itself.
        var (block, current) = (i / _models, Count >> BlockShift);
        _endToNow[i] = block == current
            ? CarryBeyondOne.Identity : new CarryBeyondOne(_toEnd![(current << BlockShift) * _models + model].ToCarry().After(_fromEnd[i]));
        // What is carried is none: it moves nothing any more.
        _endToNowAt[i] = _onlyMove && block != current && _fromEnd[i].CarriedOfCarried == 0 ? int.MaxValue : Count;
    }
}
