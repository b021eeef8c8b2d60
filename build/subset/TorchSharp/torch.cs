using System;
using TorchSharp.Interop;

namespace TorchSharp;

// PyTorch as far as the product needs it, under TorchSharp's names. What is missing here, the package TorchSharp has.
public static partial class torch
{
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType int64 = ScalarType.Int64;

    public static DisposeScope NewDisposeScope() => new();

    public static int get_num_threads() => Native.GetNumThreads();

    public static void set_num_threads(int num)
    {
        if (num < 1) throw new ArgumentOutOfRangeException(nameof(num), num, "The number of threads must be at least 1.");
        if (Native.SetNumThreads(num) < 0) Native.Throw();
    }

    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);

    public static Tensor mv(Tensor input, Tensor target) => input.mv(target);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor dot(Tensor input, Tensor other) => input.dot(other);

    public static Tensor mean(Tensor input) => input.mean();

    public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);

    public static Tensor pow(Tensor left, Scalar exponent) => left.pow(exponent);

    public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
        input.sum(dim, keepdim, type);

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor abs(Tensor input) => input.abs();

    public static Tensor sign(Tensor input) => input.sign();

    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) =>
        tensor.allclose(target, rtol, atol, equal_nan);
}
