using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// A <see cref="Carry"/> in single precision. The coefficient of w in w is stored minus 1, so that many small decays lose no digits.
/// Coefficients that are too small to have an effect are set to zero, because processors take a hundred times as long for products of
/// subnormal numbers.
/// </summary>
/// <param name="Numbers">
/// The coefficients, in this order: of w in w (minus 1), of v in w, of w in v, of v in v. w is the weight, v its carried state.
/// </param>
internal readonly record struct CarryBeyondOne(Vector128<float> Numbers)
{
    private const float Nothing = 1e-18f;
    private const double LeastNormal = 1.2e-38;

    /// <summary>The identity.</summary>
    public static CarryBeyondOne Identity => new(Vector128.Create(0f, 0, 0, 1));

    public CarryBeyondOne(in Carry carry)
        : this(WithoutNothing(Vector128.Create(
            (float)(carry.WeightOfWeight - 1), (float)carry.WeightOfCarried, (float)carry.CarriedOfWeight, (float)carry.CarriedOfCarried)))
    {
    }

    /// <summary>Whether the weight affects nothing but itself: <c>w ← w + a · v</c> and <c>v ← b · v</c>.</summary>
    public bool OnlyMoves => Numbers[0] == 0 && Numbers[2] == 0;

    /// <summary>Whether a coefficient is too small to have an effect.</summary>
    public static bool IsNothing(double number) => Math.Abs(number) < Nothing;

    /// <summary>Converts the map to double precision.</summary>
    public Carry ToCarry() => new(1 + (double)Numbers[0], Numbers[1], Numbers[2], Numbers[3]);

    /// <summary>Returns the composition: <paramref name="first"/>, and then this map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CarryBeyondOne After(CarryBeyondOne first)
    {
        // Both rows of the 2 × 2 product at once: the first row of the other map, with its 1 added again, and its second row.
        var weights = Vector128.Shuffle(first.Numbers, Vector128.Create(0, 1, 0, 1)) + Vector128.Create(1f, 0, 1, 0);
        var carried = Vector128.Shuffle(first.Numbers, Vector128.Create(2, 3, 2, 3));
        return new(WithoutNothing((first.Numbers & Vector128.Create(-1, -1, 0, 0).AsSingle())
            + Vector128.Shuffle(Numbers, Vector128.Create(0, 0, 2, 2)) * weights
            + Vector128.Shuffle(Numbers, Vector128.Create(1, 1, 3, 3)) * carried));
    }

    /// <summary>Applies the map. It uses double precision, in which the carried state does not become subnormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(ref double weight, ref double carried)
    {
        var (w, v) = (weight, carried);
        weight = w + (Numbers[0] * w + Numbers[1] * v);
        carried = Numbers[2] * w + Numbers[3] * v;
    }

    /// <summary>Converts a number to single precision. A subnormal result becomes zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Faded(double number) => Wide.ToSingle(WithoutFaded(Vector128.CreateScalarUnsafe(number)));

    /// <summary>Replaces numbers that would be subnormal in single precision by zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> WithoutFaded(Vector128<double> numbers) =>
        numbers & Vector128.GreaterThanOrEqual(Vector128.Abs(numbers), Vector128.Create(LeastNormal));

    /// <summary>Writes the map.</summary>
    public void Write(BinaryWriter writer)
    {
        for (var i = 0; i < Vector128<float>.Count; i++) writer.Write(Numbers[i]);
    }

    /// <summary>Reads a map.</summary>
    public static CarryBeyondOne Read(BinaryReader reader) =>
        new(Vector128.Create(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle()));

    /// <summary>Replaces coefficients that are too small to have an effect by zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WithoutNothing(Vector512<float> numbers) =>
        numbers & Vector512.GreaterThanOrEqual(Vector512.Abs(numbers), Vector512.Create(Nothing));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> WithoutNothing(Vector128<float> numbers) =>
        numbers & Vector128.GreaterThanOrEqual(Vector128.Abs(numbers), Vector128.Create(Nothing));
}
