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

    // A table that features are looked up in, at the place that they hash to or behind it: the number of each, and −1 for none.
    private int[] _table = [];
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
        _table = new int[FirstPlaces];
        Array.Fill(_table, -1);
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
        if (_table[place] >= 0) return _table[place];
        if (Count == _features.Length)
        {
            Grow();
            place = PlaceOf(feature);
        }

        _features[Count] = feature;
        return _table[place] = Count++;
    }

    /// <summary>The number of a feature that has one.</summary>
    public int Find(int feature) => IsIdentity ? feature : _table[PlaceOf(feature)];

    /// <summary>The features in ascending order, with their numbers.</summary>
    public IEnumerable<(int Feature, int Number)> InOrder()
    {
        if (IsIdentity) return Enumerable.Range(0, Count).Select(feature => (feature, feature));
        var (features, numbers) = (_features[..Count], Enumerable.Range(0, Count).ToArray());
        Array.Sort(features, numbers);
        return features.Zip(numbers);
    }

    private int PlaceOf(int feature)
    {
        // Fibonacci hashing: the upper bits of the product.
        var place = (int)((uint)feature * 0x9E3779B9u >> 32 - int.Log2(_table.Length));
        while (_table[place] is >= 0 and var number && _features[number] != feature) place = place + 1 & _table.Length - 1;
        return place;
    }

    private void Grow()
    {
        Array.Resize(ref _features, 2 * _features.Length);
        _table = new int[2 * _features.Length];
        Array.Fill(_table, -1);
        for (var number = 0; number < Count; number++) _table[PlaceOf(_features[number])] = number;
    }
}
