using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static Tensor empty(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([size], dtype, device, requires_grad, names);
    public static Tensor empty(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([rows, columns], dtype, device, requires_grad, names);
    public static Tensor empty(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty(size.AsSpan(), dtype, device, requires_grad, names);
    public static Tensor empty(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null)
    {
        Check(device, names);
        fixed (long* start = size) return Create(Native.Empty(start, size.Length, TypeOrFloat(dtype)), requires_grad);
    }

    public static Tensor zeros(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full([size], Zero, dtype ?? ScalarType.Float32, device, requires_grad, names);
    public static Tensor zeros(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full([rows, columns], Zero, dtype ?? ScalarType.Float32, device, requires_grad, names);
    public static Tensor zeros(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full(size.AsSpan(), Zero, dtype ?? ScalarType.Float32, device, requires_grad, names);
    public static Tensor zeros(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full(size, Zero, dtype ?? ScalarType.Float32, device, requires_grad, names);

    public static Tensor ones(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full([size], One, dtype ?? ScalarType.Float32, device, requires_grad, names);
    public static Tensor ones(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full([rows, columns], One, dtype ?? ScalarType.Float32, device, requires_grad, names);
    public static Tensor ones(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full(size.AsSpan(), One, dtype ?? ScalarType.Float32, device, requires_grad, names);
    public static Tensor ones(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full(size, One, dtype ?? ScalarType.Float32, device, requires_grad, names);

    public static Tensor full(
        long size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full([size], value, dtype, device, requires_grad, names);
    public static Tensor full(
        long rows, long columns, Scalar value, ScalarType? dtype = null,
        Device device = null, bool requires_grad = false, string[] names = null) =>
        full([rows, columns], value, dtype, device, requires_grad, names);
    public static Tensor full(
        long[] size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        full(size.AsSpan(), value, dtype, device, requires_grad, names);
    public static Tensor full(
        ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null,
        Device device = null, bool requires_grad = false, string[] names = null)
    {
        Check(device, names);
        fixed (long* start = size)
            return Create(Native.Full(start, size.Length, value.Kind, value.Bits, (sbyte)(dtype ?? TypeFor(value))), requires_grad);
    }

    public static Tensor rand(
        long size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        rand([size], dtype, device, requires_grad, generator, names);
    public static Tensor rand(
        long rows, long columns, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        rand([rows, columns], dtype, device, requires_grad, generator, names);
    public static Tensor rand(
        long[] size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        rand(size.AsSpan(), dtype, device, requires_grad, generator, names);
    public static Tensor rand(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null)
    {
        Check(device, names);
        fixed (long* start = size)
            return Create(Native.Rand(start, size.Length, generator?.Handle ?? 0, TypeOrFloat(dtype)), requires_grad);
    }

    public static Tensor randn(
        long size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        randn([size], dtype, device, requires_grad, generator, names);
    public static Tensor randn(
        long rows, long columns, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        randn([rows, columns], dtype, device, requires_grad, generator, names);
    public static Tensor randn(
        long[] size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        randn(size.AsSpan(), dtype, device, requires_grad, generator, names);
    public static Tensor randn(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null)
    {
        Check(device, names);
        fixed (long* start = size)
            return Create(Native.Randn(start, size.Length, generator?.Handle ?? 0, TypeOrFloat(dtype)), requires_grad);
    }

    private static readonly Scalar Zero = 0;
    private static readonly Scalar One = 1;

    private static sbyte TypeOrFloat(ScalarType? dtype) => (sbyte)(dtype ?? ScalarType.Float32);

    private static ScalarType TypeFor(Scalar value) => value.Type == ScalarType.Float64 ? ScalarType.Float32 : value.Type;

    private static Tensor Create(nint handle, bool requiresGrad)
    {
        var tensor = new Tensor(handle);
        if (requiresGrad) tensor.requires_grad = true;
        return tensor;
    }

    private static void Check(Device device, string[] names)
    {
        CheckDevice(device);
        if (names is { Length: > 0 })
            throw new NotSupportedException("The subset of TorchSharp has no named dimensions; the package TorchSharp has.");
    }
}
