using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Numbers the features that sparse rows have, in the order in which they are met: of a hash of many bits they are few. Where there could
/// not be many, each feature is its own number.
/// </summary>
internal sealed class FeatureNumbers
{
    /// <summary>Up to so many features are their own numbers.</summary>
    public const int Few = 1 << 20;

    private const int FirstPlaces = 1 << 12;

    // A table that features are looked up in, at the place that they hash to or behind it: each with its number, from 1; 0 for none.
    private (int Feature, int Number)[] _table = [];
    private int[] _features = [];

    /// <param name="featureCount">The features that there could be.</param>
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

    /// <summary>How many numbers there are.</summary>
    public int Count { get; private set; }

    /// <summary>The number of a feature, which is numbered where it was not.</summary>
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

    /// <summary>The number of a feature that has one.</summary>
    public int Find(int feature) => IsIdentity ? feature : _table[PlaceOf(feature)].Number - 1;

    /// <summary>Asks memory for where a feature is looked up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int feature)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_table), FirstPlaceOf(feature))));
    }

    /// <summary>The features in ascending order, with their numbers.</summary>
    public IEnumerable<(int Feature, int Number)> InOrder()
    {
        if (IsIdentity) return Enumerable.Range(0, Count).Select(feature => (feature, feature));
        var (features, numbers) = (_features[..Count], Enumerable.Range(0, Count).ToArray());
        Array.Sort(features, numbers);
        return features.Zip(numbers);
    }

    private int FirstPlaceOf(int feature) =>
        // Fibonacci hashing: the upper bits of the product.
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
