using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// The features whose weights are copied for a minibatch. It assigns a place to each feature, copies the weights and states there and back,
/// and knows the place of each value.
/// </summary>
internal sealed unsafe class TakenFeatures
{
    private const int LeastPlaces = 256;

    private readonly WeightLayout _layout;
    private readonly SparseRule _rule;
    private readonly ITakenOut _taken;
    private readonly FeatureRecords _records;

    // For each place, its feature and the number of steps after which it was last up to date; for each value of the minibatch, its place.
    private AlignedArray _features = new(0);
    private AlignedArray _upToDate = new(0);
    private AlignedArray _placesOfValues = new(0);
    private int _values;

    /// <param name="layout">The layout of the weights.</param>
    /// <param name="rule">The rule of the optimizer, with its states.</param>
    /// <param name="taken">The memory for the copied weights.</param>
    /// <param name="records">The records of all features.</param>
    public TakenFeatures(WeightLayout layout, SparseRule rule, ITakenOut taken, FeatureRecords records)
    {
        (_layout, _rule, _taken, _records) = (layout, rule, taken, records);
        Grow(LeastPlaces, LeastPlaces);
    }

    /// <summary>The number of features that are copied.</summary>
    public int Count { get; private set; }

    /// <summary>The maximum number of features that fit.</summary>
    public int Capacity { get; private set; }

    /// <summary>For each value of the minibatch, row by row, the place of its feature.</summary>
    public ReadOnlySpan<int> Places => new(Integers(_placesOfValues), _values);

    /// <summary>For each place, the number of steps after which its feature was last up to date.</summary>
    public ReadOnlySpan<int> UpToDate => new(Integers(_upToDate), Count);

    /// <summary>Begins a minibatch with this number of values.</summary>
    public void Begin(int values)
    {
        (Count, _values) = (0, 0);
        if (values > _placesOfValues.Length || Math.Min(values, _layout.Features) > Capacity)
            Grow(values + values / 2, Math.Min(values + values / 2, Math.Max(_layout.Features, LeastPlaces)));
    }

    /// <summary>Copies the features of a row that are not copied yet.</summary>
    public void Take(ReadOnlySpan<int> features)
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

    /// <summary>Copies consecutive features, as many as fit, without marking them.</summary>
    /// <param name="start">The first feature.</param>
    public void TakeRange(int start)
    {
        Count = 0;
        for (var feature = start; feature < Math.Min(start + Capacity, _layout.Features); feature++)
        {
            (Integers(_features)[Count], Integers(_upToDate)[Count]) = (feature, _records.Mark(feature));
            Copy(feature, Count++, outward: true);
        }
    }

    /// <summary>Writes the copied features back to their records.</summary>
    /// <param name="mark">The number of steps after which they are now up to date.</param>
    public void PutBack(int mark)
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
                    _records.Mark(feature) = mark;
                }

                break;
        }
    }

    /// <summary>Copies features that have one weight each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeVectors<TStates>(ReadOnlySpan<int> taken)
        where TStates : struct, IStateCount
    {
        float* records = (float*)_records.Address, weights = (float*)_taken.Weights;
        float* first = StateAt(0), second = StateAt(1), third = StateAt(2);
        int* features = Integers(_features), upToDate = Integers(_upToDate), places = Integers(_placesOfValues) + _values;
        var count = Count;
        // A branch would often be mispredicted, because many values belong to features that are already copied. So the next place is always
        // written, and it is used only if the feature is new.
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
            // All bits are set if the feature is already copied: its mark is then negative.
            var isTaken = known >> 31;
            var place = count ^ (count ^ ~known) & isTaken;
            *mark = ~place;
            places[i] = place;
            count += isTaken + 1;
        }

        Count = count;
    }

    /// <summary>Copies features that have several weights each.</summary>
    private void TakeMatrices(ReadOnlySpan<int> taken)
    {
        int* features = Integers(_features), upToDate = Integers(_upToDate), places = Integers(_placesOfValues) + _values;
        for (var i = 0; i < taken.Length; i++)
        {
            ref var mark = ref _records.Mark(taken[i]);
            if (mark >= 0)
            {
                (features[Count], upToDate[Count]) = (taken[i], mark);
                mark = ~Count;
                Copy(taken[i], Count++, outward: true);
            }

            places[i] = ~mark;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PutBackVectors<TStates>(int mark)
        where TStates : struct, IStateCount
    {
        float* records = (float*)_records.Address, weights = (float*)_taken.Weights;
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

    /// <summary>Copies the weights and states of a feature to its place, or back to its record.</summary>
    private void Copy(int feature, int place, bool outward)
    {
        var stride = _layout.Stride;
        var record = (float*)_records.Address + (nint)feature * _records.Length;
        for (var i = 0; i <= _rule.States.Length; i++)
        {
            var own = new Span<float>((i == 0 ? (float*)_taken.Weights : StateAt(i - 1)) + (nint)place * stride, stride);
            var kept = new Span<float>(record + i * stride, stride);
            if (outward) kept.CopyTo(own);
            else own.CopyTo(kept);
        }
    }

    private void Grow(int values, int places)
    {
        _placesOfValues = new AlignedArray(Math.Max(values, _placesOfValues.Length));
        Capacity = Math.Max(places, Capacity);
        // One more place, because the loop without branches also writes after the last one; and one more vector, which may be read.
        (_features, _upToDate) = (new AlignedArray(Capacity + 1), new AlignedArray(Capacity + 1));
        _taken.Resize(Capacity, checked(AlignedArray.Padded(Capacity * _layout.Stride) + AlignedArray.Lanes));
    }

    // The address of a copied state; null if the optimizer does not have it.
    private float* StateAt(int i) => i < _rule.States.Length ? (float*)_taken.State(_rule.States[i]) : null;

    private static int* Integers(AlignedArray array) => (int*)array.Address;

    /// <summary>The number of states and the length of a record as constants of a type, so that the loops are compiled for them.</summary>
    private interface IStateCount
    {
        static abstract int Count { get; }

        /// <summary>The binary logarithm of the length of a record.</summary>
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
