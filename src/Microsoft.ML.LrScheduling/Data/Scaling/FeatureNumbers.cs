using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Numbers the features that occur in sparse rows, in the order of their first occurrence. With hashed features, only few of very many
/// possible features occur. If there are not many possible features, each feature is its own number.
/// </summary>
internal sealed class FeatureNumbers
{
    /// <summary>Up to this number of features, each feature is its own number.</summary>
    public const int Few = 1 << 20;

    private const int FirstPlaces = 1 << 12;

    // A hash table with linear probing: the feature and its number, from 1. The number 0 means an empty entry.
    private (int Feature, int Number)[] _table = [];
    private int[] _features = [];

    /// <param name="featureCount">The number of possible features.</param>
    public FeatureNumbers(int featureCount)
    {
        IsIdentity = featureCount <= Few;
        if (IsIdentity)
        {
            Count = featureCount;
            return;
        }

        _features = new int[FirstPlaces / 2];
        _table = new (int, int)[FirstPlaces];
    }

    /// <summary>Whether each feature is its own number.</summary>
    public bool IsIdentity { get; }

    /// <summary>The number of features that have a number.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the number of a feature. A new feature gets the next number.</summary>
    public int Of(int feature)
    {
        if (IsIdentity) return feature;
        var place = PlaceOf(feature);
        if (_table[place].Number is > 0 and var known) return known - 1;
        if (Count == _features.Length)
        {
            Grow();
            place = PlaceOf(feature);
        }

        _features[Count++] = feature;
        _table[place] = (feature, Count);
        return Count - 1;
    }

    /// <summary>Returns the number of a feature that has one.</summary>
    public int Find(int feature) => IsIdentity ? feature : _table[PlaceOf(feature)].Number - 1;

    /// <summary>Prefetches the table entry of a feature.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int feature)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_table), FirstPlaceOf(feature))));
    }

    /// <summary>Returns the features in ascending order, with their numbers.</summary>
    public IEnumerable<(int Feature, int Number)> InOrder()
    {
        if (IsIdentity) return Enumerable.Range(0, Count).Select(feature => (feature, feature));
        var (features, numbers) = (_features[..Count], Enumerable.Range(0, Count).ToArray());
        Array.Sort(features, numbers);
        return features.Zip(numbers);
    }

    private int FirstPlaceOf(int feature) =>
        // Fibonacci hashing uses the upper bits of the product.
        (int)((uint)feature * 0x9E3779B9u >> 32 - int.Log2(_table.Length));

    private int PlaceOf(int feature)
    {
        var place = FirstPlaceOf(feature);
        while (_table[place] is (var other, > 0) && other != feature) place = place + 1 & _table.Length - 1;
        return place;
    }

    private void Grow()
    {
        Array.Resize(ref _features, 2 * _features.Length);
        _table = new (int, int)[2 * _features.Length];
        for (var number = 0; number < Count; number++) _table[PlaceOf(_features[number])] = (_features[number], number + 1);
    }
}
