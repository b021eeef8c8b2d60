using System;

namespace TorchSharp;

// A number on its way to libtorch. Its kind decides type promotion, as a number's kind does in PyTorch.
public sealed class Scalar : IDisposable
{
    internal readonly int Kind;
    internal readonly long Bits;

    private const int Integer = 0;
    private const int Real = 1;
    private const int Boolean = 2;

    private Scalar(torch.ScalarType type, int kind, long bits)
    {
        Type = type;
        Kind = kind;
        Bits = bits;
    }

    public torch.ScalarType Type { get; }

    public static implicit operator Scalar(int value) => new(torch.ScalarType.Int64, Integer, value);

    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, Integer, value);

    public static implicit operator Scalar(float value) => (double)value;

    public static implicit operator Scalar(double value) => new(torch.ScalarType.Float64, Real, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, Boolean, value ? 1 : 0);

    internal double AsDouble => Kind == Real ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsInt64 => Kind == Real ? checked((long)BitConverter.Int64BitsToDouble(Bits)) : Bits;

    // The number is held here, so there is nothing to release; callers dispose it because the package's own is native.
    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static float ToSingle(this Scalar value) => (float)value.AsDouble;

    public static double ToDouble(this Scalar value) => value.AsDouble;

    public static int ToInt32(this Scalar value) => checked((int)value.AsInt64);

    public static long ToInt64(this Scalar value) => value.AsInt64;

    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;
}
