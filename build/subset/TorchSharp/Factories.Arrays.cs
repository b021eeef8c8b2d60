using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static Tensor tensor(float scalar, Device device = null, bool requires_grad = false) =>
        full([], scalar, ScalarType.Float32, device, requires_grad);
    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Float64, device, requires_grad);
    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Int64, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        tensor(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);
    public static Tensor tensor(
        float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null,
        Device device = null, bool requires_grad = false, string[] names = null) =>
        FromArray(rawArray.Clone(), rawArray.LongLength, ScalarType.Float32, dimensions, dtype, device, requires_grad, names);
    public static Tensor tensor(
        float[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        from_array((Array)rawArray.Clone(), dtype, device, requires_grad, names);
    public static Tensor tensor(
        IList<float> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        from_array(rawArray.ToArray(), dtype, device, requires_grad, names);
    public static Tensor tensor(
        IList<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null,
        Device device = null, bool requires_grad = false, string[] names = null) =>
        FromArray(rawArray.ToArray(), rawArray.Count, ScalarType.Float32, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        double[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        tensor(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);
    public static Tensor tensor(
        double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null,
        Device device = null, bool requires_grad = false, string[] names = null) =>
        FromArray(rawArray.Clone(), rawArray.LongLength, ScalarType.Float64, dimensions, dtype, device, requires_grad, names);
    public static Tensor tensor(
        double[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        from_array((Array)rawArray.Clone(), dtype, device, requires_grad, names);

    public static Tensor tensor(
        long[] dataArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        tensor(dataArray, [dataArray.LongLength], dtype, device, requires_grad, names);
    public static Tensor tensor(
        long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null,
        Device device = null, bool requires_grad = false, string[] names = null) =>
        FromArray(dataArray.Clone(), dataArray.LongLength, ScalarType.Int64, dimensions, dtype, device, requires_grad, names);
    public static Tensor tensor(
        long[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        from_array((Array)rawArray.Clone(), dtype, device, requires_grad, names);

    public static Tensor from_array(Array rawArray, Device device = null) => from_array(rawArray, null, device);

    // The tensor and the array are the same memory unless dtype asks for another type: no copy is made, whatever the size.
    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device device = null, bool requires_grad = false, string[] names = null)
    {
        var shape = new long[rawArray.Rank];
        for (var dimension = 0; dimension < shape.Length; dimension++) shape[dimension] = rawArray.GetLongLength(dimension);
        return FromArray(rawArray, rawArray.LongLength, TypeOf(rawArray), shape, dtype, device, requires_grad, names);
    }

    private static Tensor FromArray(
        object array, long length, ScalarType type, ReadOnlySpan<long> dimensions,
        ScalarType? dtype, Device device, bool requiresGrad, string[] names)
    {
        Check(device, names);
        var product = 1L;
        foreach (var dimension in dimensions)
        {
            if (dimension < 0) throw new ArgumentException($"dimensions must not be negative. Received: {dimension}", nameof(dimensions));
            product = checked(product * dimension);
        }
        if (product > length)
            throw new ArgumentException($"dimensions must take at most {length} elements. Received: {product}", nameof(dimensions));

        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        nint shared;
        fixed (long* start = dimensions)
        {
            var memory = (void*)pin.AddrOfPinnedObject();
            shared = Native.FromMemory(memory, start, dimensions.Length, (sbyte)type, &Release, GCHandle.ToIntPtr(pin));
        }
        if (dtype is null || dtype == type) return Create(shared, requiresGrad);
        using var original = new Tensor(shared, register: false);
        return Create(Native.ToType(original.Handle, (sbyte)dtype, 0, 0), requiresGrad);
    }

    [UnmanagedCallersOnly]
    private static void Release(nint pin) => GCHandle.FromIntPtr(pin).Free();

    private static ScalarType TypeOf(Array array) => array switch
    {
        float[] or float[,] or float[,,] => ScalarType.Float32,
        double[] or double[,] or double[,,] => ScalarType.Float64,
        long[] or long[,] or long[,,] => ScalarType.Int64,
        int[] or int[,] or int[,,] => ScalarType.Int32,
        _ => throw new NotSupportedException(
            "The subset of TorchSharp makes tensors of float, double, long and int arrays of up to three dimensions; " +
            $"the package TorchSharp of others. Received: {array.GetType().Name}"),
    };
}
