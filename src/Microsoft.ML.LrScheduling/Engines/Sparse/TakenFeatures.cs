using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>The features that are taken out of their records: which they are, in which places, and which place each value has.</summary>
internal sealed unsafe class TakenFeatures
{
    private const int LeastPlaces = 256;

    private readonly WeightLayout _layout;
    private readonly SparseRule _rule;
    private readonly ITakenOut _taken;
    private readonly FeatureRecords _records;

    // Of each place the feature that is in it, and after how many steps it was up to date; of each value of the minibatch its place.
    private AlignedArray _features = new(0);
    private AlignedArray _upToDate = new(0);
    private AlignedArray _placesOfValues = new(0);
    private int _values;

    /// <param name="layout">Where the weights of a feature stand.</param>
    /// <param name="rule">What is remembered of them.</param>
    /// <param name="taken">Where they are taken to.</param>
    /// <param name="records">Where they are taken from.</param>
    public TakenFeatures(WeightLayout layout, SparseRule rule, ITakenOut taken, FeatureRecords records)
    {
        (_layout, _rule, _taken, _records) = (layout, rule, taken, records);
        Grow(LeastPlaces, LeastPlaces);
    }

    /// <summary>How many features are taken out.</summary>
    public int Count { get; private set; }

    /// <summary>How many can be.</summary>
    public int Capacity { get; private set; }

    /// <summary>The place of each value of the minibatch, row after row.</summary>
    public ReadOnlySpan<int> Places => new(Integers(_placesOfValues), _values);

    /// <summary>After how many steps the feature of each place was up to date.</summary>
    public ReadOnlySpan<int> UpToDate => new(Integers(_upToDate), Count);

    /// <summary>Begins with the rows of a minibatch, which have so many values.</summary>
    public void Begin(int values)
    {
        (Count, _values) = (0, 0);
        if (values > _placesOfValues.Length || Math.Min(values, _layout.Features) > Capacity)
            Grow(values + values / 2, Math.Min(values + values / 2, Math.Max(_layout.Features, LeastPlaces)));
    }

    /// <summary>Takes out the features of a row.</summary>
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

    /// <summary>Takes out as many features as there are places for, without marking them.</summary>
    /// <param name="start">The first of them.</param>
    public void TakeRange(int start)
    {
        Count = 0;
        for (var feature = start; feature < Math.Min(start + Capacity, _layout.Features); feature++)
        {
            (Integers(_features)[Count], Integers(_upToDate)[Count]) = (feature, _records.Mark(feature));
            Copy(feature, Count++, outward: true);
        }
    }

    /// <summary>Puts what is taken out back.</summary>
    /// <param name="mark">After how many steps it is up to date.</param>
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

    /// <summary>Takes out features of one weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeVectors<TStates>(ReadOnlySpan<int> taken)
        where TStates : struct, IStateCount
    {
        float* records = (float*)_records.Address, weights = (float*)_taken.Weights;
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

    /// <summary>Copies what belongs to a feature into a place, or out of it into the record.</summary>
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
        // Behind the last place another is written, and a vector may be read.
        (_features, _upToDate) = (new AlignedArray(Capacity + 1), new AlignedArray(Capacity + 1));
        _taken.Resize(Capacity, checked(AlignedArray.Padded(Capacity * _layout.Stride) + AlignedArray.Lanes));
    }

    // Where the numbers of a state are that is kept.
    private float* StateAt(int i) => i < _rule.States.Length ? (float*)_taken.State(_rule.States[i]) : null;

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
