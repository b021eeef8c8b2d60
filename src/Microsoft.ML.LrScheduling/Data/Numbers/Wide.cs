using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Numbers of 32 bits as ones of 64, and back. A conversion of a single number keeps the rest of its register, so that each waits for what
/// was computed there before; those of vectors do not.
/// </summary>
internal static class Wide
{
    /// <summary>A number in double precision. The second element is anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Of(float number) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(number));

    /// <summary>Two numbers that follow one another, in double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector128<double> OfPair(float* numbers) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)numbers).AsSingle());

    /// <summary>The first number of a pair, in single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(Vector128<double> pair) => Vector128.Narrow(pair, pair).ToScalar();
}
