using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Numbers, zero at first, that begin where a line of the cache does and do not move: no vector of them lies across two lines.
/// </summary>
internal sealed class AlignedArray
{
    /// <summary>The numbers of a vector.</summary>
    public const int Lanes = 16;

    private const int LineBytes = 64;

    private readonly float[] _array;
    private readonly int _offset;

    public AlignedArray(int length)
    {
        Length = length;
        _array = GC.AllocateArray<float>(checked(length + LineBytes / sizeof(float)), pinned: true);
        var address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _offset = (int)((LineBytes - address % LineBytes) % LineBytes / sizeof(float));
    }

    /// <summary>How many there are.</summary>
    public int Length { get; }

    /// <summary>The numbers.</summary>
    public Span<float> Elements => _array.AsSpan(_offset, Length);

    /// <summary>Where the first number is in memory, as long as this object lives.</summary>
    public nint Address => AddressOf(0);

    /// <summary>Where a number is in memory, as long as this object lives.</summary>
    public nint AddressOf(nint i) => Marshal.UnsafeAddrOfPinnedArrayElement(_array, _offset) + i * sizeof(float);

    /// <summary>The first number.</summary>
    public ref float First => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _offset);

    /// <summary>The least multiple of a vector's lanes that is no less than a number.</summary>
    public static int Padded(int length) => checked(length + Lanes - 1) / Lanes * Lanes;

    /// <summary>The sum of the lanes, always in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> vector)
    {
        var eight = vector.GetLower() + vector.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
