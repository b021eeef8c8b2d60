using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Converts floats to doubles and back with vector instructions. A scalar conversion keeps the upper part of its register, and so has to
/// wait for the previous result in that register. Vector conversions do not.
/// </summary>
internal static class Wide
{
    /// <summary>Converts a number to double precision. The second element is undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Of(float number) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(number));

    /// <summary>Converts two adjacent numbers to double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector128<double> OfPair(float* numbers) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)numbers).AsSingle());

    /// <summary>Converts the first number of a pair to single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(Vector128<double> pair) => Vector128.Narrow(pair, pair).ToScalar();
}
