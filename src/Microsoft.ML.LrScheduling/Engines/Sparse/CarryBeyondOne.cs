using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// A <see cref="Carry"/> in single precision, by how much it differs from one that leaves the weight as it is: of many small decays no
/// digit is lost. What is so small that it moves nothing is zero: processors take a hundred times as long for products that are no normal
/// numbers.
/// </summary>
/// <param name="Numbers">
/// What of the weight and what of what is carried is added to the weight; what of the weight and what of what is carried is in what is
/// carried.
/// </param>
internal readonly record struct CarryBeyondOne(Vector128<float> Numbers)
{
    private const float Nothing = 1e-18f;
    private const double LeastNormal = 1.2e-38;

    /// <summary>Leaves everything as it is.</summary>
    public static CarryBeyondOne Identity => new(Vector128.Create(0f, 0, 0, 1));

    public CarryBeyondOne(in Carry carry)
        : this(WithoutNothing(Vector128.Create(
            (float)(carry.WeightOfWeight - 1), (float)carry.WeightOfCarried, (float)carry.CarriedOfWeight, (float)carry.CarriedOfCarried)))
    {
    }

    /// <summary>Whether the weight has nothing to do with what becomes of either, but that what is carried is added to it.</summary>
    public bool OnlyMoves => Numbers[0] == 0 && Numbers[2] == 0;

    /// <summary>Whether a number of a map is so small that it moves nothing.</summary>
    public static bool IsNothing(double number) => Math.Abs(number) < Nothing;

    /// <summary>The map itself.</summary>
    public Carry ToCarry() => new(1 + (double)Numbers[0], Numbers[1], Numbers[2], Numbers[3]);

    /// <summary>This one, after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CarryBeyondOne After(CarryBeyondOne first)
    {
        // Both rows at once: the first row of the other, with its one, and its second row.
        var weights = Vector128.Shuffle(first.Numbers, Vector128.Create(0, 1, 0, 1)) + Vector128.Create(1f, 0, 1, 0);
        var carried = Vector128.Shuffle(first.Numbers, Vector128.Create(2, 3, 2, 3));
        return new(WithoutNothing((first.Numbers & Vector128.Create(-1, -1, 0, 0).AsSingle())
            + Vector128.Shuffle(Numbers, Vector128.Create(0, 0, 2, 2)) * weights
            + Vector128.Shuffle(Numbers, Vector128.Create(1, 1, 3, 3)) * carried));
    }

    /// <summary>Applies the map. In double precision nothing that is carried is too small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(ref double weight, ref double carried)
    {
        var (w, v) = (weight, carried);
        weight = w + (Numbers[0] * w + Numbers[1] * v);
        carried = Numbers[2] * w + Numbers[3] * v;
    }

    /// <summary>A number in single precision; zero where it is too small for that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Faded(double number) => Wide.ToSingle(WithoutFaded(Vector128.CreateScalarUnsafe(number)));

    /// <summary>Numbers, and zero for those that are too small for single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> WithoutFaded(Vector128<double> numbers) =>
        numbers & Vector128.GreaterThanOrEqual(Vector128.Abs(numbers), Vector128.Create(LeastNormal));

    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        for (var i = 0; i < Vector128<float>.Count; i++) writer.Write(Numbers[i]);
    }

    /// <summary>Reads it.</summary>
    public static CarryBeyondOne Read(BinaryReader reader) =>
        new(Vector128.Create(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle()));

    /// <summary>Numbers, and zero for those that are so small that they move nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WithoutNothing(Vector512<float> numbers) =>
        numbers & Vector512.GreaterThanOrEqual(Vector512.Abs(numbers), Vector512.Create(Nothing));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> WithoutNothing(Vector128<float> numbers) =>
        numbers & Vector128.GreaterThanOrEqual(Vector128.Abs(numbers), Vector128.Create(Nothing));
}
