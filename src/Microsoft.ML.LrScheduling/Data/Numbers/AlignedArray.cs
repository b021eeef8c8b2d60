using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// A pinned array of floats, initially zero, that starts at a cache line. No vector of it crosses the boundary of a cache line.
/// </summary>
internal sealed class AlignedArray
{
    /// <summary>The number of floats in a vector.</summary>
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

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The elements.</summary>
    public Span<float> Elements => _array.AsSpan(_offset, Length);

    /// <summary>The address of the first element. It is valid as long as this object lives.</summary>
    public nint Address => AddressOf(0);

    /// <summary>Returns the address of an element. It is valid as long as this object lives.</summary>
    public nint AddressOf(nint i) => Marshal.UnsafeAddrOfPinnedArrayElement(_array, _offset) + i * sizeof(float);

    /// <summary>The first element.</summary>
    public ref float First => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _offset);

    /// <summary>Rounds a length up to a multiple of <see cref="Lanes"/>.</summary>
    public static int Padded(int length) => checked(length + Lanes - 1) / Lanes * Lanes;

    /// <summary>Returns the sum of the lanes, which is always computed in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> vector)
    {
        var eight = vector.GetLower() + vector.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
