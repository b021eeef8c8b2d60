namespace Microsoft.ML.Data;

/// <summary>128 bits that name a row; views that duplicate or merge rows derive new ids so that they stay distinct.</summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    public readonly ulong Low;

    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high) => (Low, High) = (low, high);

    private UInt128 Bits => new(High, Low);

    // A row that yields several rows uses Next for the children and Fork for its own continuation.
    public DataViewRowId Next() => Mixed(2 * Bits + 1);

    public DataViewRowId Fork() => Mixed(2 * Bits);

    public DataViewRowId Combine(DataViewRowId other) => Mixed(Mixed(Bits).Bits * 3 + other.Bits);

    public int CompareTo(DataViewRowId other) => Bits.CompareTo(other.Bits);

    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;

    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);

    public override int GetHashCode() => (Low * 31 + High).GetHashCode();

    public override string ToString() => $"{High:x16}{Low:x16}";

    private static DataViewRowId Mixed(UInt128 bits)
    {
        // Multiplying by an odd number and folding the high half down are both invertible: no two ids meet.
        var product = bits * new UInt128(0x9E3779B97F4A7C15, 0xF39CC0605CEDC835);
        product ^= product >> 64;
        return new((ulong)product, (ulong)(product >> 64));
    }
}
